/** How many curves have a colour of their own: as many as a conversation has parts that are drawn. */
export const curveColors = 8;

/** The style of reports and of the dashboard: light or dark as the reader's system is, from a phone's width up. */
export const style = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#5c6570;--rule:#dde1e6;--good:#12733b;--bad:#b3261e;--warn:#8a5a00;
--c0:#1f6feb;--c1:#c2410c;--c2:#12733b;--c3:#8b3fc7;--c4:#0e7490;--c5:#a3195b;--c6:#6b7280;--c7:#a16207}
@media (prefers-color-scheme:dark){:root{--paper:#12151a;--card:#1b2027;--ink:#e7eaee;--soft:#9aa4b0;--rule:#333b45;--good:#58c98a;--bad:#ff8a80;--warn:#f0b429;
--c0:#6ea8fe;--c1:#ff9e64;--c2:#58c98a;--c3:#c99bff;--c4:#5ccfe6;--c5:#ff8ab8;--c6:#b4bcc8;--c7:#e0c04c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1180px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.35rem;margin:0 0 2px}h2{font-size:1.05rem;margin:28px 0 10px}
p{margin:4px 0}.soft,.none{color:var(--soft)}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.verdict{display:inline-block;padding:2px 10px;border-radius:99px;font-weight:600;border:1px solid currentColor}
.ok{color:var(--good)}.assertion,.bad{color:var(--bad)}.generator{color:var(--warn)}.running{color:var(--c0)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:18px 0 0;padding:0;list-style:none}
.tiles li,figure,.table{background:var(--card);border:1px solid var(--rule);border-radius:10px}
.tiles li{padding:10px 12px}.tiles b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}.tiles span{color:var(--soft);font-size:.85rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:14px}
figure{margin:0;padding:12px 12px 8px;min-width:0}figcaption{font-weight:600;margin-bottom:4px}
svg{display:block;width:100%;height:auto}
.axis,.grid{stroke:var(--rule)}.tick,.label{fill:var(--soft);font-size:11.5px}
.curve{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}.curve.c1{stroke-dasharray:5 4}
${Array.from({ length: curveColors }, (_, index) => `.curve.c${index}{stroke:var(--c${index})}i.c${index}{background:var(--c${index})}`).join('')}
.legend{display:flex;flex-wrap:wrap;gap:2px 14px;list-style:none;margin:4px 0 2px;padding:0;font-size:.85rem;color:var(--soft)}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px;text-align:right;white-space:nowrap;border-top:1px solid var(--rule)}
thead th{border-top:0;color:var(--soft);font-weight:500}
th:first-child,td:first-child{text-align:left}th.text,td.text{text-align:left}td.text{white-space:normal;overflow-wrap:anywhere;min-width:180px}
`;
