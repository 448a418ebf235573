'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const { runs, hosts, tasks, texts, details } = data;
  const STATES = ['ok', 'changed', 'skipped', 'failed', 'ignored', 'unreachable'];
  const BAD = new Set([3, 5]);
  const $ = id => document.getElementById(id);
  const make = (tag, text, cls) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };
  const span = ms => {
    if (ms < 1000) return ms + ' ms';
    if (ms < 60000) return (ms / 1000).toFixed(1) + ' s';
    if (ms < 3600000) return Math.floor(ms / 60000) + ' min ' + Math.floor(ms % 60000 / 1000) + ' s';
    return Math.floor(ms / 3600000) + ' h ' + Math.floor(ms % 3600000 / 60000) + ' min';
  };
  const many = (number, word) => number + ' ' + word + (number === 1 ? '' : 's');
  const text = number => texts[number];

  // Cells, host after host; of each host in the order of time.
  const cells = data.cells, count = cells.t.length;
  const first = new Uint32Array(hosts.length + 1);
  data.counts.forEach((many, host) => { first[host + 1] = first[host] + many; });
  const hostOf = new Uint32Array(count);
  for (let host = 0; host < hosts.length; host++) hostOf.fill(host, first[host], first[host + 1]);
  const start = cell => cells.s[cell], work = cell => cells.w[cell];
  const end = cell => cells.s[cell] + cells.w[cell];
  const wait = cell => cells.q[cell], connect = cell => cells.c[cell];
  const taskOf = cell => tasks[cells.t[cell]];
  let total = 1;
  for (let cell = 0; cell < count; cell++) total = Math.max(total, end(cell));

  // What is to be seen.
  const wanted = { search: '', host: '', task: -1, states: new Set(STATES.keys()) };
  let rows = [], matches = new Uint8Array(count), selected = -1;
  let columns = false, zoom = 1;

  const filter = () => {
    const search = wanted.search.toLowerCase(), name = wanted.host.toLowerCase();
    const inTask = tasks.map(task => search && task.n.toLowerCase().includes(search));
    const inText = search ? texts.map(it => it.toLowerCase().includes(search)) : [];
    const inDetail = search ? details.map(it => numbers(it).some(n => inText[n])) : [];
    rows = [];
    let shown = 0;
    const all = !search && wanted.task < 0 && wanted.states.size === STATES.length;
    for (let host = 0; host < hosts.length; host++) {
      const label = hosts[host].toLowerCase();
      if (name && !label.includes(name)) continue;
      const inHost = search && label.includes(search);
      let any = all;
      for (let cell = first[host]; cell < first[host + 1]; cell++) {
        const is = wanted.states.has(cells.o[cell])
          && (wanted.task < 0 || cells.t[cell] === wanted.task)
          && (!search || inHost || inTask[cells.t[cell]] || (cells.d[cell] >= 0 && inDetail[cells.d[cell]]));
        matches[cell] = is ? 1 : 0;
        if (is) { any = true; shown++; }
      }
      if (any) rows.push(host);
    }
    $('shown').textContent = rows.length + ' of ' + many(hosts.length, 'host') + ', ' + shown + ' of ' + count + ' results';
    layout();
  };
  const numbers = detail => {
    const found = [];
    for (const key of ['c', 'm', 'o', 'e', 'j']) if (detail[key] !== undefined) found.push(detail[key]);
    for (const key of ['d', 'w']) found.push(...(detail[key] || []));
    for (const item of detail.i || []) found.push(item[0]);
    return found;
  };

  // The canvas: only the rows that can be seen are drawn.
  const view = $('view'), canvas = $('canvas'), paper = canvas.getContext('2d');
  const ROW = 18, HEAD = 24;
  let width = 0, height = 0, left = 150, colour = {};
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of [...STATES, 'wait', 'connect', 'back', 'front', 'soft', 'line', 'panel', 'mark']) {
      colour[name] = style.getPropertyValue('--' + name).trim();
    }
  };
  const span_x = () => Math.max(width - left - 12, 50) * zoom;
  const layout = () => {
    width = Math.max(view.clientWidth, 200);
    height = Math.max(view.clientHeight, 100);
    left = Math.min(170, Math.floor(width * .3));
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio; canvas.height = height * ratio;
    canvas.style.width = width + 'px'; canvas.style.height = height + 'px';
    paper.setTransform(ratio, 0, 0, ratio, 0, 0);
    $('space').style.height = HEAD + rows.length * ROW + 4 + 'px';
    $('space').style.width = left + span_x() + 12 + 'px';
    draw();
  };
  const place = cell => {
    if (columns) {
      const one = span_x() / Math.max(tasks.length, 1);
      return [cells.t[cell] * one, Math.max(one - (one > 4 ? 1 : 0), 1), 0, 0];
    }
    const scale = span_x() / total;
    return [start(cell) * scale, Math.max(work(cell) * scale, 1), wait(cell) * scale, Math.min(connect(cell), work(cell)) * scale];
  };
  const clip = (words, room) => {
    if (paper.measureText(words).width <= room) return words;
    let low = 0, high = words.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (paper.measureText(words.slice(0, middle) + '…').width <= room) low = middle; else high = middle - 1;
    }
    return words.slice(0, low) + '…';
  };
  let waiting = false;
  const draw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; paint(); });
  };
  const paint = () => {
    const x0 = view.scrollLeft, y0 = view.scrollTop;
    paper.fillStyle = colour.back; paper.fillRect(0, 0, width, height);
    paper.font = '12px system-ui, "DejaVu Sans", sans-serif'; paper.textBaseline = 'middle';
    const from = Math.max(Math.floor((y0) / ROW), 0), to = Math.min(Math.ceil((y0 + height - HEAD) / ROW), rows.length);
    for (let row = from; row < to; row++) {
      const host = rows[row], y = HEAD + row * ROW - y0;
      if (row % 2) { paper.fillStyle = colour.panel; paper.fillRect(0, y, width, ROW); }
      for (let cell = first[host]; cell < first[host + 1]; cell++) paintCell(cell, y, x0);
    }
    paper.fillStyle = colour.back; paper.fillRect(0, HEAD, left - 4, height);
    for (let row = from; row < to; row++) {
      const host = rows[row], y = HEAD + row * ROW - y0;
      paper.fillStyle = data.recap[host] && (data.recap[host][3] || data.recap[host][2]) ? colour.failed : colour.front;
      paper.fillText(clip(hosts[host], left - 16), 6, y + ROW / 2);
    }
    axis(x0);
    if (selected >= 0) frame(x0, y0);
  };
  const paintCell = (cell, y, x0) => {
    const [x, w, waited, connecting] = place(cell), at = left + x - x0;
    if (at + w < left || at - waited > width) return;
    paper.globalAlpha = matches[cell] ? 1 : .12;
    if (waited > 1) { paper.fillStyle = colour.wait; paper.fillRect(at - waited, y + 6, waited, ROW - 12); }
    paper.fillStyle = colour[STATES[cells.o[cell]]];
    paper.fillRect(at, y + 2, w, ROW - 4);
    if (connecting > .5) { paper.fillStyle = colour.connect; paper.fillRect(at, y + 2, connecting, ROW - 4); }
    if (BAD.has(cells.o[cell])) {
      // Not by colour alone: a failure has a mark.
      paper.fillStyle = colour[STATES[cells.o[cell]]];
      paper.fillRect(at - 1, y, Math.max(w + 2, 4), 3);
      if (w > 12) { paper.fillStyle = colour.back; paper.fillText('✕', at + 2, y + ROW / 2 + 1); }
    }
    paper.globalAlpha = 1;
  };
  const axis = x0 => {
    paper.fillStyle = colour.panel; paper.fillRect(0, 0, width, HEAD);
    paper.fillStyle = colour.soft; paper.strokeStyle = colour.line;
    if (columns) {
      const one = span_x() / Math.max(tasks.length, 1);
      const every = Math.ceil(46 / one);
      for (let number = 0; number < tasks.length; number += every) {
        paper.fillText(one > 60 ? clip(tasks[number].n, one - 6) : String(number + 1), left + number * one - x0, HEAD / 2);
      }
    } else {
      const scale = span_x() / total, about = 90 / scale;
      const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000, 1800000, 3600000, 7200000, 21600000]
        .find(it => it >= about) || 86400000;
      for (let time = 0; time <= total; time += step) {
        const x = left + time * scale - x0;
        if (x < left - 1 || x > width) continue;
        const words = time ? span(time) : '0';
        if (x + paper.measureText(words).width < width - 4) paper.fillText(words, x + 2, HEAD / 2);
        paper.fillRect(x, HEAD - 5, 1, 5);
      }
    }
    paper.fillStyle = colour.panel; paper.fillRect(0, 0, left - 4, HEAD);
    paper.fillStyle = colour.soft; paper.fillText(many(rows.length, 'host'), 6, HEAD / 2);
    paper.fillStyle = colour.line; paper.fillRect(0, HEAD - 1, width, 1); paper.fillRect(left - 5, 0, 1, height);
  };
  const frame = (x0, y0) => {
    const row = rows.indexOf(hostOf[selected]);
    if (row < 0) return;
    const [x, w] = place(selected), y = HEAD + row * ROW - y0;
    if (y < HEAD - ROW) return;
    paper.strokeStyle = colour.front; paper.lineWidth = 2;
    paper.strokeRect(Math.max(left + x - x0 - 1, left - 4), y + 1, Math.max(w + 2, 5), ROW - 2);
    paper.lineWidth = 1;
  };

  // Going about.
  const reveal = cell => {
    const row = rows.indexOf(hostOf[cell]), [x, w] = place(cell);
    if (row < 0) return;
    const top = row * ROW;
    if (top < view.scrollTop) view.scrollTop = top;
    if (top + ROW + HEAD > view.scrollTop + height) view.scrollTop = top + ROW + HEAD - height + 4;
    if (x < view.scrollLeft) view.scrollLeft = Math.max(x - 30, 0);
    if (x + Math.min(w, 60) > view.scrollLeft + width - left - 12) view.scrollLeft = x + Math.min(w, 60) - width + left + 30;
  };
  const choose = (cell, show) => {
    selected = cell;
    if (cell < 0) { $('said').textContent = ''; $('detail').replaceChildren(); draw(); return; }
    reveal(cell);
    const parts = [STATES[cells.o[cell]], 'work ' + span(work(cell) - Math.min(connect(cell), work(cell)))];
    if (connect(cell)) parts.push('connect ' + span(connect(cell)));
    if (wait(cell)) parts.push('waited ' + span(wait(cell)));
    $('said').textContent = hosts[hostOf[cell]] + ': ' + taskOf(cell).n + ' — ' + parts.join(', ');
    if (show) $('detail').replaceChildren(...result(cell));
    draw();
  };
  const nearest = (host, time, column) => {
    let best = -1, least = Infinity;
    for (let cell = first[host]; cell < first[host + 1]; cell++) {
      const far = columns ? Math.abs(cells.t[cell] - column)
        : time < start(cell) ? start(cell) - time : time > end(cell) ? time - end(cell) : 0;
      if (far < least) { least = far; best = cell; }
    }
    return best;
  };
  const under = event => {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    const row = Math.floor((y - HEAD + view.scrollTop) / ROW);
    if (y < HEAD || row < 0 || row >= rows.length) return -1;
    const along = Math.max(x - left + view.scrollLeft, 0);
    return nearest(rows[row], along * total / span_x(), Math.floor(along * tasks.length / span_x()));
  };
  canvas.addEventListener('mousemove', event => {
    const cell = under(event);
    canvas.title = cell < 0 ? '' : hosts[hostOf[cell]] + '\n' + taskOf(cell).n + '\n' + STATES[cells.o[cell]] + ', ' + span(work(cell));
  });
  canvas.addEventListener('click', event => { const cell = under(event); if (cell >= 0) choose(cell, true); });
  view.addEventListener('scroll', draw, { passive: true });
  const step = (rowsDown, cellsRight) => {
    if (!rows.length) return;
    if (selected < 0 || rows.indexOf(hostOf[selected]) < 0) { choose(first[rows[0]], true); return; }
    const host = hostOf[selected];
    if (cellsRight) {
      let cell = selected;
      do { cell += cellsRight; } while (cell >= first[host] && cell < first[host + 1] && !matches[cell]);
      if (cell >= first[host] && cell < first[host + 1]) choose(cell, true);
      return;
    }
    let row = rows.indexOf(host);
    row = Math.min(Math.max(row + rowsDown, 0), rows.length - 1);
    const cell = nearest(rows[row], start(selected), cells.t[selected]);
    if (cell >= 0) choose(cell, true);
  };
  const failure = way => {
    for (let seen = 0, cell = selected; seen < count; seen++) {
      cell = (cell + way + count) % count;
      if (BAD.has(cells.o[cell]) && rows.includes(hostOf[cell])) { choose(cell, true); return; }
    }
  };
  const magnify = by => {
    const middle = (view.scrollLeft + (width - left) / 2) / span_x();
    zoom = Math.min(Math.max(zoom * by, 1), 400);
    layout();
    view.scrollLeft = middle * span_x() - (width - left) / 2;
  };
  const flip = () => { columns = !columns; $('mode').setAttribute('aria-pressed', columns); zoom = 1; layout(); };
  const themes = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    colours(); draw();
  };
  document.addEventListener('keydown', event => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      if (typing) event.target.blur(); else choose(-1);
      canvas.focus({ preventScroll: true });
      return;
    }
    if (typing) return;
    const inCanvas = document.activeElement === canvas;
    const act = {
      '/': () => $('search').focus(), 'n': () => failure(1), 'p': () => failure(-1), 'g': flip, 't': themes,
      '+': () => magnify(1.6), '=': () => magnify(1.6), '-': () => magnify(1 / 1.6),
    }[event.key] || (inCanvas && {
      ArrowDown: () => step(1, 0), ArrowUp: () => step(-1, 0), ArrowRight: () => step(0, 1), ArrowLeft: () => step(0, -1),
      PageDown: () => step(20, 0), PageUp: () => step(-20, 0), Home: () => step(-1e9, 0), End: () => step(1e9, 0),
      Enter: () => { if (selected >= 0) { choose(selected, true); $('detail').focus(); } },
    }[event.key]);
    if (act) { event.preventDefault(); act(); }
  });

  // A result in words.
  const block = (title, words, isDiff) => {
    const pre = make('pre');
    if (isDiff) {
      for (const line of words.split('\n')) {
        const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : line.startsWith('@') ? 'at' : 'plain';
        pre.append(make('span', line || ' ', kind));
      }
    } else pre.textContent = words;
    return title ? [make('div', title, 'soft'), pre] : [pre];
  };
  const why = cell => {
    const detail = cells.d[cell] >= 0 ? details[cells.d[cell]] : null;
    return detail && detail.c !== undefined ? [make('div', text(detail.c), 'why')] : [];
  };
  const result = cell => {
    const task = taskOf(cell), nodes = [];
    const head = make('div');
    head.append(make('strong', hosts[hostOf[cell]]), ' ', make('span', task.n), ' ');
    const state = make('span', STATES[cells.o[cell]], 'badge');
    state.style.setProperty('--c', 'var(--' + STATES[cells.o[cell]] + ')');
    head.append(state);
    nodes.push(head);
    if (task.p) nodes.push(make('div', task.p + (task.a ? ' · ' + task.a : ''), 'soft'));
    const detail = cells.d[cell] >= 0 ? details[cells.d[cell]] : null;
    if (BAD.has(cells.o[cell]) && task.x) nodes.push(...block('', task.x));
    if (!detail) return nodes;
    nodes.push(...why(cell));
    if (detail.m !== undefined) nodes.push(...block('', text(detail.m)));
    for (const warning of detail.w || []) nodes.push(make('div', 'Warning: ' + text(warning)));
    for (const diff of detail.d || []) nodes.push(...block('', text(diff), true));
    for (const [key, title] of [['o', 'stdout'], ['e', 'stderr'], ['j', 'result']]) {
      if (detail[key] !== undefined) nodes.push(...block(title, text(detail[key])));
    }
    if (detail.i) {
      const list = make('ul');
      for (const [label, state] of detail.i) list.append(make('li', STATES[state] + ': ' + text(label)));
      nodes.push(list);
    }
    return nodes;
  };
  const items = (section, found, open) => {
    const box = section.querySelector('div');
    let shown = 0;
    const more = make('button', '');
    more.type = 'button';
    const next = () => {
      for (const cell of found.slice(shown, shown + (shown ? 100 : 10))) {
        const item = make('details', undefined, 'item ' + STATES[cells.o[cell]]);
        const title = make('summary');
        title.append(make('strong', hosts[hostOf[cell]]), ' ', make('span', taskOf(cell).n), ' ', make('span', taskOf(cell).p, 'soft'));
        title.append(...why(cell));
        item.append(title);
        const fill = () => { if (item.childElementCount === 1) item.append(...result(cell).slice(2).filter(node => node.className !== 'why')); };
        item.addEventListener('toggle', fill, { once: true });
        if (shown < open) { item.open = true; fill(); }
        box.insertBefore(item, more);
        shown++;
      }
      more.textContent = 'Show more (' + (found.length - shown) + ')';
      if (shown >= found.length) more.remove();
    };
    box.append(more);
    more.addEventListener('click', next);
    next();
    section.hidden = !found.length;
  };

  // The head, the tables.
  const table = (heads, lines) => {
    const whole = make('table'), top = make('tr');
    for (const [title, cls] of heads) top.append(make('th', title, cls));
    whole.append(make('thead')); whole.firstChild.append(top);
    const body = make('tbody');
    for (const line of lines) {
      const row = make('tr');
      line.forEach((cell, number) => row.append(make('td', cell, heads[number][1])));
      body.append(row);
    }
    whole.append(body);
    return whole;
  };
  const heads = () => {
    $('title').textContent = runs.length === 1 ? runs[0].what : runs.length + ' runs: ' + runs[0].what;
    const state = data.end;
    $('end').textContent = state[0];
    $('end').style.setProperty('--c', 'var(--' + state[1] + ')');
    const began = new Date(data.began);
    $('about').textContent = [runs.length === 1 ? runs[0].id : '', began.toLocaleString(), span(data.took), 'by ' + runs[0].by, runs[0].check ? 'check mode' : ''].filter(Boolean).join(' · ');
    $('made').textContent = 'Made by play ' + data.play + ' from ' + (runs.length === 1 ? 'run ' + runs[0].id : runs.length + ' runs') + '. ' + (data.left ? data.left + ' texts were left out to keep the page small; play runs show has them.' : '');
    const sums = [0, 0, 0, 0, 0, 0];
    for (let cell = 0; cell < count; cell++) sums[cells.o[cell]]++;
    $('totals').append(make('span', many(hosts.length, 'host') + ', ' + many(tasks.length, 'task'), 'badge'));
    STATES.forEach((name, state) => {
      const badge = make('span', sums[state] + ' ' + name, 'badge');
      badge.style.setProperty('--c', 'var(--' + name + ')');
      if (sums[state]) $('totals').append(badge);
    });
    for (const [name, label] of [...STATES.map(it => [it, it]), ['connect', 'connecting'], ['wait', 'waiting for others']]) {
      const entry = make('span'), key = make('span', undefined, 'key');
      key.style.background = 'var(--' + name + ')';
      if (name === 'wait') key.style.borderColor = 'var(--soft)';
      entry.append(key, label); $('legend').append(entry);
    }
  };
  const held = () => {
    const found = data.held.map(([host, task, own, usual, lost, hit]) => [hosts[host], tasks[task].n, span(own), span(usual), span(lost), String(hit)]);
    if (!found.length) return;
    $('held').hidden = false;
    $('held').querySelector('div').append(table([['Host'], ['Task'], ['Took', 'n'], ['Others took', 'n wide'], ['Others waited', 'n'], ['Hosts', 'n wide']], found));
  };
  const recap = () => {
    const lines = [], most = 2000;
    const order = [...hosts.keys()].filter(host => data.recap[host]);
    order.sort((a, b) => (data.recap[b][3] + data.recap[b][2]) - (data.recap[a][3] + data.recap[a][2]) || a - b);
    for (const host of order.slice(0, most)) lines.push([hosts[host], ...data.recap[host].map(String)]);
    $('recap').append(table([['Host'], ['ok', 'n'], ['changed', 'n'], ['unreachable', 'n'], ['failed', 'n'], ['skipped', 'n wide'], ['rescued', 'n wide'], ['ignored', 'n wide']], lines));
    if (order.length > most) $('recap').append(make('p', 'and ' + many(order.length - most, 'more host'), 'soft'));
  };

  for (const [number, name] of STATES.entries()) {
    const label = make('label'), box = make('input');
    box.type = 'checkbox'; box.checked = true;
    box.addEventListener('change', () => { wanted.states[box.checked ? 'add' : 'delete'](number); filter(); });
    label.append(box, ' ' + name); $('states').append(label, ' ');
  }
  tasks.forEach((task, number) => {
    const option = make('option', (number + 1) + '. ' + task.n.slice(0, 80));
    option.value = number; $('task').append(option);
  });
  let pause = 0;
  const soon = act => { clearTimeout(pause); pause = setTimeout(act, 120); };
  $('search').addEventListener('input', event => soon(() => { wanted.search = event.target.value; filter(); }));
  $('host').addEventListener('input', event => soon(() => { wanted.host = event.target.value; filter(); }));
  $('task').addEventListener('change', event => { wanted.task = event.target.value === '' ? -1 : Number(event.target.value); filter(); });
  $('mode').addEventListener('click', flip);
  $('in').addEventListener('click', () => magnify(1.6));
  $('out').addEventListener('click', () => magnify(1 / 1.6));
  $('theme').addEventListener('click', themes);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { colours(); draw(); });
  window.addEventListener('resize', layout);
  window.addEventListener('beforeprint', () => { view.style.height = HEAD + Math.min(rows.length, 60) * ROW + 8 + 'px'; layout(); paint(); });
  window.addEventListener('afterprint', () => { view.style.height = ''; layout(); });

  colours();
  heads();
  const bad = [], changed = [];
  for (let cell = 0; cell < count; cell++) {
    if (BAD.has(cells.o[cell])) bad.push(cell);
    if (cells.d[cell] >= 0 && (details[cells.d[cell]].d || []).length) changed.push(cell);
  }
  bad.sort((a, b) => start(a) - start(b));
  $('failures-note').textContent = bad.length + ' on ' + many(new Set(bad.map(cell => hostOf[cell])).size, 'host');
  $('changes-note').textContent = changed.length + ' with differences';
  items($('failures'), bad, 1);
  items($('changes'), changed, 0);
  held();
  recap();
  if (rows.length * ROW < 200) view.style.height = '';
  filter();
  view.style.height = Math.min(Math.max(HEAD + rows.length * ROW + 20, 120), 560) + 'px';
  layout();
  document.documentElement.dataset.ready = 'yes';
})();
