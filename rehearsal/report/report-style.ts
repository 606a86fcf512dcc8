// How the page of a rehearsal looks: by day and by night, on a wide screen and on a narrow one.
export const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--card:#f6f8fa;--edge:#d9dfe7;--a:#0d9488;--b:#2563eb;--good:#047857;--bad:#b42318;
--fault:#b42318;--failed:#b45309;--recovered:#047857;--alarm:#be123c;--replaced:#7c3aed;--told:#0369a1}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--paper:#11161d;--card:#1a212b;--edge:#2e3947;--a:#2dd4bf;--b:#60a5fa;--good:#34d399;--bad:#f87171;
--fault:#f87171;--failed:#fbbf24;--recovered:#34d399;--alarm:#fb7185;--replaced:#a78bfa;--told:#38bdf8}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:28px 20px 48px;max-width:1220px;color:var(--ink);background:var(--paper)}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:34px 0 10px}h3{font-size:15px;margin:18px 0 6px}
.lead,.legend{color:var(--soft);margin:4px 0 18px}
.verdict{font-size:17px;font-weight:600;border-left:4px solid var(--good);padding:6px 14px;background:var(--card);margin:0 0 16px}.verdict.bad{border-color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:0 0 10px}
dl div{border:1px solid var(--edge);border-radius:8px;padding:8px 12px;background:var(--card)}dt{color:var(--soft);font-size:13px}
dd{margin:0;font-size:19px;font-weight:600}dd.good{color:var(--good)}dd.bad{color:var(--bad)}
.chart{position:relative;--names:230px;font-size:12px}.chart svg{display:block;overflow:visible}
.chart .back{position:absolute;top:0;left:var(--names);width:calc(100% - var(--names));height:100%}
.lane{position:relative;display:grid;grid-template-columns:var(--names) minmax(0,1fr);align-items:center;border-top:1px solid var(--edge);pointer-events:none}
.lane>*,.life,.sign{pointer-events:auto}.lane .track{width:100%;pointer-events:none}.lane:hover,.lane:focus-within{z-index:1}
.axis{position:sticky;top:0;z-index:2;background:var(--paper);border:0}.name{overflow-wrap:anywhere;padding-right:8px}
.chart text{fill:var(--ink)}.chart text.soft{fill:var(--soft)}.chart text.number{font-weight:600;fill:var(--soft)}line.grid{stroke:var(--edge)}
.across{stroke-width:1.5;stroke-dasharray:4 4}rect.a{fill:var(--a)}rect.b{fill:var(--b)}
.life{outline:none}.life:hover rect,.life:focus rect{stroke:var(--ink);stroke-width:2}.life foreignObject{overflow:visible;display:none;pointer-events:none}
.life:hover foreignObject,.life:focus foreignObject{display:block}.tip{margin:0;padding:6px 10px;width:fit-content;max-width:100%;font-size:13px;overflow-wrap:anywhere;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:6px}
.sign path{stroke:var(--paper);stroke-width:1.5;paint-order:stroke}
g.fault{fill:var(--fault)}g.failed{fill:var(--failed)}g.recovered{fill:var(--recovered)}g.alarm{fill:var(--alarm)}g.replaced{fill:var(--replaced)}
line.fault{stroke:var(--fault)}line.failed{stroke:var(--failed)}line.recovered{stroke:var(--recovered)}line.alarm{stroke:var(--alarm)}line.replaced{stroke:var(--replaced)}
summary{cursor:pointer;padding:6px 0}summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--b);outline-offset:2px}
.legend{display:flex;gap:6px 22px;flex-wrap:wrap;font-size:13px;margin:10px 0;padding:0;list-style:none}.legend .small{display:inline-block;width:16px;height:16px;margin-right:6px;vertical-align:-3px}
.scroll{overflow:auto;max-height:70vh;border:1px solid var(--edge);border-radius:8px;padding:0 12px}
th{text-align:left;font-size:13px;color:var(--soft);font-weight:600;padding:8px 12px 4px 0}
article{border:1px solid var(--edge);border-radius:8px;padding:4px 18px 14px;margin:0 0 14px;background:var(--card)}
table{border-collapse:collapse;width:100%}td{padding:4px 12px 4px 0;vertical-align:top;border-bottom:1px solid var(--edge);overflow-wrap:anywhere}
td.when{white-space:nowrap;color:var(--soft);overflow-wrap:normal}td.number{color:var(--soft);font-weight:600;width:34px}
td.what{width:100%}td.kind{white-space:nowrap;font-weight:600}td.fault,td.failed{color:var(--failed)}td.fault{color:var(--fault)}td.recovered{color:var(--recovered)}td.alarm{color:var(--alarm)}td.replaced{color:var(--replaced)}td.told{color:var(--told)}
ul{margin:4px 0;padding-left:20px}li{overflow-wrap:anywhere}
@media (max-width:640px){.chart{--names:0px}.lane{grid-template-columns:minmax(0,1fr)}.name{padding:6px 0 0}.axis .name{display:none}.wide{display:none}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}body{padding:18px 12px 32px}dl{grid-template-columns:repeat(2,1fr)}tr{display:block;padding:6px 0;border-bottom:1px solid var(--edge)}td{display:inline;border:0;padding:0 8px 0 0}td.what{display:block}}
@media print{body{padding:0;max-width:none;print-color-adjust:exact}.axis{position:static}.lane,article,tr,dl div{break-inside:avoid}h2,h3{break-after:avoid}.scroll{max-height:none}}
`;
