// How pages about keys look: by day and by night, on a wide screen and on a narrow one, and on paper.
export const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--paper:#fff;--card:#f6f8fa;--edge:#d9dfe7;--a:#0d9488;--b:#2563eb;--good:#047857;--bad:#b42318;
--fault:#b42318;--failed:#b45309;--recovered:#047857;--alarm:#be123c;--replaced:#7c3aed;--told:#0369a1;--revoked:#1c2430;
--heat-one:#7cc7bd;--heat-some:#f0b429;--heat-many:#e0662b;--heat-crowded:#b42318}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--paper:#11161d;--card:#1a212b;--edge:#2e3947;--a:#2dd4bf;--b:#60a5fa;--good:#34d399;--bad:#f87171;
--fault:#f87171;--failed:#fbbf24;--recovered:#34d399;--alarm:#fb7185;--replaced:#a78bfa;--told:#38bdf8;--revoked:#e6eaf0;
--heat-one:#17776c;--heat-some:#d69e12;--heat-many:#ef7d3c;--heat-crowded:#f87171}}
*{box-sizing:border-box}[hidden]{display:none!important}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:28px 20px 48px;max-width:1220px;color:var(--ink);background:var(--paper)}
h1{font-size:24px;margin:0}h2{font-size:17px;margin:34px 0 10px}h3{font-size:15px;margin:14px 0 4px;overflow-wrap:anywhere}.incident h3{font-size:13px;margin:12px 0 2px;color:var(--soft)}
a{color:var(--told)}code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
.lead,.legend,.about{color:var(--soft)}.lead,.legend{margin:4px 0 14px}.about{display:block;font-size:12px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 14px;padding:0;font-size:14px}
.find{display:block;margin:0 0 10px}.find input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:6px;padding:5px 10px;margin:0 8px;width:min(320px,50vw)}
.verdict{font-size:17px;font-weight:600;border-left:4px solid var(--good);padding:6px 14px;background:var(--card);margin:0 0 16px;overflow-wrap:anywhere}.verdict.bad{border-color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px;margin:0 0 14px}
dl div{border:1px solid var(--edge);border-radius:8px;padding:8px 12px;background:var(--card)}dt{color:var(--soft);font-size:13px}
dd{margin:0;font-size:19px;font-weight:600}.good{color:var(--good)}.bad{color:var(--bad)}
.chart{position:relative;--names:230px;font-size:12px}.chart svg{display:block;overflow:visible}
.chart .back{position:absolute;top:0;left:var(--names);width:calc(100% - var(--names));height:100%}
.lane,.axis{position:relative;display:grid;grid-template-columns:var(--names) minmax(0,1fr);align-items:center;border-top:1px solid var(--edge);pointer-events:none}
.lane>*,.life,.sign{pointer-events:auto}.track{width:100%}.lane .track{pointer-events:none}.lane:hover,.lane:focus-within{z-index:1}
.chart .axis{position:sticky;top:0;z-index:2;background:var(--paper);border:0}.name{overflow-wrap:anywhere;padding:2px 8px 2px 0}
text{fill:var(--ink);font-size:12px}text.soft{fill:var(--soft)}text.number{font-weight:600;fill:var(--soft)}line.grid{stroke:var(--edge)}
.across{stroke-width:1.5;stroke-dasharray:4 4}.a{fill:var(--a)}.b{fill:var(--b)}rect.unrecorded{fill-opacity:.35;stroke:var(--soft);stroke-dasharray:3 2}
.life:focus-visible{outline:none}.life:hover rect,.life:focus rect{stroke:var(--ink);stroke-width:2;stroke-dasharray:none}.life foreignObject{overflow:visible;display:none;pointer-events:none}
.life:hover foreignObject,.life:focus foreignObject{display:block}.tip{margin:0;padding:6px 10px;width:fit-content;max-width:100%;font-size:13px;overflow-wrap:anywhere;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:6px}
.sign path{stroke:var(--paper);stroke-width:1.5;paint-order:stroke}
g.fault{fill:var(--fault)}g.failed{fill:var(--failed)}g.recovered{fill:var(--recovered)}g.alarm{fill:var(--alarm)}g.replaced{fill:var(--replaced)}g.revoked{fill:var(--revoked)}
line.fault{stroke:var(--fault)}line.failed{stroke:var(--failed)}line.recovered{stroke:var(--recovered)}line.alarm{stroke:var(--alarm)}line.replaced{stroke:var(--replaced)}
summary{cursor:pointer;padding:6px 0;overflow-wrap:anywhere}:focus-visible{outline:3px solid var(--b);outline-offset:2px}
.legend{display:flex;gap:6px 22px;flex-wrap:wrap;font-size:13px;margin:10px 0;padding:0;list-style:none}.legend .small{display:inline-block;width:16px;height:16px;margin-right:6px;vertical-align:-3px}
.heat-one{fill:var(--heat-one)}.heat-some{fill:var(--heat-some)}.heat-many{fill:var(--heat-many)}.heat-crowded{fill:var(--heat-crowded)}
.heat{display:grid;grid-template-columns:26px minmax(0,1fr);margin:2px 0 10px}.heat svg{display:block}.heat .clock{width:26px}.heat .empty{fill:var(--card);stroke:var(--edge)}
.incident,.finding,.matrix,.map{border:1px solid var(--edge);border-radius:8px;padding:2px 14px;margin:0 0 10px;background:var(--card)}.map{background:none}.incident:not([open]),.finding:not([open]),.matrix:not([open]){margin-bottom:5px}
.incident[open],.finding[open],.matrix[open]{padding-bottom:12px}.finding article{border:0;border-top:1px solid var(--edge);border-radius:0;padding:2px 0 6px;margin:0}.finding article p{margin:4px 0}
.severity{display:inline-block;min-width:62px;text-align:center;border:1px solid;border-radius:999px;padding:0 8px;font-size:13px;font-weight:600}.severity.high{color:var(--bad)}.severity.medium{color:var(--failed)}.severity.low{color:var(--told)}
.scroll{overflow:auto;max-height:70vh;border:1px solid var(--edge);border-radius:8px;padding:0 12px;background:var(--paper)}
.matrix td{text-align:center;white-space:nowrap}.matrix thead th{text-align:center;white-space:nowrap}.matrix th:first-child{text-align:left}.matrix tbody th{font-weight:600;color:var(--ink);min-width:200px}
th{text-align:left;font-size:13px;color:var(--soft);font-weight:600;padding:8px 12px 4px 0}tbody th{overflow-wrap:anywhere}
article{border:1px solid var(--edge);border-radius:8px;padding:4px 18px 14px;margin:0 0 14px;background:var(--card)}
table{border-collapse:collapse;width:100%}td,tbody th{padding:4px 12px 4px 0;vertical-align:top;border-bottom:1px solid var(--edge);overflow-wrap:anywhere}
td.when{white-space:nowrap;color:var(--soft);overflow-wrap:normal}td.number{color:var(--soft);font-weight:600;width:34px}td.number.bad{color:var(--bad)}summary .when{color:var(--soft)}
td.what{width:100%}td.kind{white-space:nowrap;font-weight:600}td.fault,td.failed{color:var(--failed)}td.fault{color:var(--fault)}td.recovered{color:var(--recovered)}td.alarm{color:var(--alarm)}td.replaced{color:var(--replaced)}td.told{color:var(--told)}
td.state{font-weight:600;white-space:nowrap}td.state.bad{color:var(--bad)}td.state.busy{color:var(--told)}td.state.good{color:var(--good)}
td.key{font-weight:600}.id{font:13px ui-monospace,monospace}@media (min-width:900px){td.time{white-space:nowrap}}
.keys th{position:sticky;top:0;background:var(--paper)}
ul{margin:4px 0;padding-left:20px}li{overflow-wrap:anywhere}nav ul,ul.legend{padding:0}.paper{display:none}
@media (max-width:640px){.chart{--names:0px}.lane,.axis{grid-template-columns:minmax(0,1fr)}.name{padding:6px 4px 0 0;width:fit-content;background:var(--paper)}.axis .name{display:none}.wide{display:none}
body{padding:18px 12px 32px}dl{grid-template-columns:repeat(2,1fr)}table:not(.matrix table) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table:not(.matrix table) tr{display:block;padding:6px 0;border-bottom:1px solid var(--edge)}table:not(.matrix table) td{display:inline;border:0;padding:0 8px 0 0}table:not(.matrix table) td.what,td.key{display:block}
td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-weight:400}.matrix tbody th{min-width:150px}}
@media print{body{padding:0;max-width:none;print-color-adjust:exact}.chart .axis{position:static}.lane,article,tr,dl div,.map{break-inside:avoid}h2,h3,summary{break-after:avoid}.scroll{max-height:none;overflow:visible}nav,.find{display:none!important}.paper{display:block}}
`;
