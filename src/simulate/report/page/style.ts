/** The number of curve colours: one for each part of a conversation that is drawn. */
export const curveColors = 8;

/** How curves are dashed, so that they can be told apart without colours. */
const dashes: readonly string[] = ['none', '6 4', '1.5 4', '9 3 2 3', '12 4', '3 3', '9 3 2 3 2 3', '4 6'];

const curves = Array.from(
  { length: curveColors },
  (_, index) => `.curve.c${index}{stroke:var(--c${index});stroke-dasharray:${dashes[index] ?? 'none'}}`,
).join('');

const light = `--paper:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#5c6570;--rule:#dde1e6;--good:#12733b;--bad:#b3261e;--warn:#8a5a00;
--c0:#1f6feb;--c1:#c2410c;--c2:#12733b;--c3:#8b3fc7;--c4:#0e7490;--c5:#a3195b;--c6:#6b7280;--c7:#a16207`;

/** The style of reports and of the dashboard: light or dark as the reader's system, from a phone's width up. */
export const style = `
:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{--paper:#12151a;--card:#1b2027;--ink:#e7eaee;--soft:#9aa4b0;--rule:#333b45;--good:#58c98a;--bad:#ff8a80;--warn:#f0b429;
--c0:#6ea8fe;--c1:#ff9e64;--c2:#58c98a;--c3:#c99bff;--c4:#5ccfe6;--c5:#ff8ab8;--c6:#b4bcc8;--c7:#e0c04c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.45rem;line-height:1.3;margin:0 0 6px;overflow-wrap:anywhere}h2{font-size:1.05rem;margin:28px 0 10px}
p{margin:4px 0;overflow-wrap:anywhere}.soft,.none{color:var(--soft)}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.verdict{display:inline-block;padding:0 12px;border-radius:8px;font-weight:700;border:2px solid currentColor}
.reasons{list-style:none;margin:0 0 8px;padding:0;font-size:1.05rem;overflow-wrap:anywhere}li.FAILED{font-weight:600}
.OK,.good{color:var(--good)}.FAILED,.bad,.bad b{color:var(--bad)}.STOPPED,.PART,.open{color:var(--warn)}.running{color:var(--c0)}
a{color:var(--c0)}progress{width:100%;height:10px;accent-color:var(--c0)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:18px 0 0;padding:0;list-style:none}
.tiles li,figure,.table{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tiles li{padding:10px 12px;overflow-wrap:anywhere}.tiles b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}.tiles span{color:var(--soft);font-size:.85rem}
.tiles li.bad{border-color:var(--bad)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:14px;margin-top:14px}
figure{margin:0;padding:12px 12px 8px;min-width:0}figcaption{font-weight:600;margin-bottom:4px}
.plot{position:relative}svg{display:block;width:100%;height:auto}
.axis,.grid{stroke:var(--rule)}.tick,.label{fill:var(--soft);font-size:11.5px}
.curve{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}${curves}
.limit{fill:none;stroke:var(--bad);stroke-width:1.4;stroke-dasharray:2 3}
.values{position:absolute;inset:0;margin:0;padding:0;border:0;min-width:0}
.values legend,.values input{position:absolute;opacity:0;pointer-events:none;width:1px;height:1px;overflow:hidden}
.values label{position:absolute;top:5.3%;height:77%}
.values span{display:none;position:absolute;z-index:1;top:0;left:calc(50% + 8px);padding:4px 8px;border-radius:6px;background:var(--ink);color:var(--paper);font-size:.8rem;line-height:1.35;white-space:nowrap;pointer-events:none;font-variant-numeric:tabular-nums}
.values .left span{left:auto;right:calc(50% + 8px)}
.values label:hover span,.values:not(:hover) label:focus-within span{display:block}
.values label:hover::after,.values:not(:hover) label:focus-within::after{content:"";position:absolute;inset:0 auto 0 50%;border-left:1px solid var(--soft)}
.plot:has(:focus-visible){outline:2px solid var(--c0);border-radius:6px}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;list-style:none;margin:4px 0 2px;padding:0;font-size:.85rem;color:var(--soft)}
.key{display:inline-block;width:26px;height:8px;margin-right:6px;vertical-align:middle}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px;text-align:right;white-space:nowrap;border-top:1px solid var(--rule)}
thead th{border-top:0;color:var(--soft);font-weight:500}
th:first-child,td:first-child{text-align:left}th.text,td.text{text-align:left}td.text{white-space:normal;overflow-wrap:anywhere;min-width:180px}
td small{display:block;color:var(--soft)}td.good,td.bad{font-weight:600}
@media screen and (max-width:640px){
.table{background:none;border:0;overflow:visible}
table,tbody{display:block}thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:4px 12px;background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:10px 12px;margin-bottom:8px}
td,td.text{display:block;border:0;padding:0;text-align:left;white-space:normal;min-width:0;overflow-wrap:anywhere}
td:first-child,td.text{grid-column:1/-1}td:first-child{font-weight:600}td small{font-weight:400}
td:not(:first-child)[data-head]::before{content:attr(data-head);display:block;color:var(--soft);font-size:.8rem;font-weight:400}
td:empty{display:none}}
@media print{
:root{color-scheme:light;${light}}
body{background:#fff;font-size:11pt}main{max-width:none;padding:0}
.values{display:none}figure,tr,.tiles li{break-inside:avoid}h2{break-after:avoid}.table{overflow:visible}
.charts{grid-template-columns:1fr 1fr}.tiles{grid-template-columns:repeat(5,1fr)}
td{white-space:normal}}
`;
