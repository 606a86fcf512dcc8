// How the page of a rehearsal looks: by day and by night, on a wide screen and on a narrow one.
export const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--card:#f6f8fa;--edge:#d9dfe7;--a:#0d9488;--b:#2563eb;--good:#047857;--bad:#b42318;
--fault:#b42318;--failed:#b45309;--recovered:#047857;--alarm:#be123c;--replaced:#7c3aed;--told:#0369a1}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--paper:#11161d;--card:#1a212b;--edge:#2e3947;--a:#2dd4bf;--b:#60a5fa;--good:#34d399;--bad:#f87171;
--fault:#f87171;--failed:#fbbf24;--recovered:#34d399;--alarm:#fb7185;--replaced:#a78bfa;--told:#38bdf8}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:28px 20px 48px;max-width:1220px;color:var(--ink);background:var(--paper)}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:34px 0 10px}h3{font-size:15px;margin:18px 0 6px}
.lead,.legend{color:var(--soft);margin:4px 0 18px}
.verdict{font-size:17px;font-weight:600;border-left:4px solid var(--good);padding:6px 14px;background:var(--card);margin:0 0 16px}.verdict.bad{border-color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:0 0 10px}
dl div{border:1px solid var(--edge);border-radius:8px;padding:8px 12px;background:var(--card)}dt{color:var(--soft);font-size:13px}
dd{margin:0;font-size:19px;font-weight:600}dd.good{color:var(--good)}dd.bad{color:var(--bad)}
.picture{overflow-x:auto}svg{display:block;width:100%;min-width:900px;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}svg text.soft{fill:var(--soft)}svg text.number{font-weight:600;fill:var(--soft)}line.grid{stroke:var(--edge)}
rect.a{fill:var(--a)}rect.b{fill:var(--b)}circle{stroke:var(--paper);stroke-width:1.5}
circle.fault{fill:var(--fault)}circle.failed{fill:var(--failed)}circle.recovered{fill:var(--recovered)}circle.alarm{fill:var(--alarm)}circle.replaced{fill:var(--replaced)}
line.fault{stroke:var(--fault)}line.failed{stroke:var(--failed)}line.alarm{stroke:var(--alarm)}
.legend{display:flex;gap:6px 22px;flex-wrap:wrap;font-size:13px;margin:10px 0}.legend i{display:inline-block;margin-right:6px}
i.bar{width:16px;height:8px;border-radius:2px}i.bar.a{background:var(--a)}i.bar.b{background:var(--b)}
i.dot{width:10px;height:10px;border-radius:50%}i.fault{background:var(--fault)}i.failed{background:var(--failed)}i.recovered{background:var(--recovered)}i.alarm{background:var(--alarm)}i.replaced{background:var(--replaced)}
article{border:1px solid var(--edge);border-radius:8px;padding:4px 18px 14px;margin:0 0 14px;background:var(--card)}
table{border-collapse:collapse;width:100%}td{padding:4px 12px 4px 0;vertical-align:top;border-bottom:1px solid var(--edge);overflow-wrap:anywhere}
td.when{white-space:nowrap;color:var(--soft);overflow-wrap:normal}td.number{color:var(--soft);font-weight:600;width:34px}
td.kind{white-space:nowrap;font-weight:600}td.fault,td.failed{color:var(--failed)}td.fault{color:var(--fault)}td.recovered{color:var(--recovered)}td.alarm{color:var(--alarm)}td.replaced{color:var(--replaced)}td.told{color:var(--told)}
ul{margin:4px 0;padding-left:20px}li{overflow-wrap:anywhere}
@media (max-width:640px){body{padding:18px 12px 32px}dl{grid-template-columns:repeat(2,1fr)}tr{display:block;padding:6px 0;border-bottom:1px solid var(--edge)}td{display:inline;border:0;padding:0 8px 0 0}td.what{display:block}}
`;
