// Filters, sorting, and rows that unfold. Texts are only ever compared, or set as text.
(() => {
  'use strict';
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const create = (name, properties) => Object.assign(document.createElement(name), properties);
  const plain = (element) => element.textContent.toLowerCase();

  for (const element of all('[data-script]')) element.hidden = false;

  // The list of findings or mismatches.
  const form = document.getElementById('filters');
  if (form) {
    const groups = all('.group').map((section) => ({
      section,
      rank: section.dataset.rank,
      head: plain(section.querySelector('h3')),
      lists: all('.items', section).map((list) => ({
        list,
        items: [...list.children].map((row) => ({
          row,
          name: row.dataset.package.toLowerCase(),
          stages: row.dataset.stages.split(' '),
          text: null,
        })),
      })),
    }));
    const items = groups.flatMap((group) => group.lists.flatMap((one) => one.items));
    const names = new Set(all('.item').map((row) => row.dataset.package));
    const list = document.getElementById('package-names');
    for (const value of [...names].sort()) list.append(create('option', { value }));
    const ranks = new Set(groups.map((group) => group.rank));
    for (const rank of ranks) form.elements.rank.append(create('option', { textContent: rank }));

    const show = () => {
      const value = (name) => form.elements[name] ? form.elements[name].value.trim() : '';
      const words = value('text').toLowerCase().split(/\s+/).filter(Boolean);
      const [name, stage, rank] = [value('package').toLowerCase(), value('stage'), value('rank')];
      // A complete name selects that package alone.
      const exact = items.some((item) => item.name === name);
      let count = 0;
      for (const group of groups) {
        let inGroup = 0;
        const isRank = !rank || group.rank === rank;
        for (const { list, items: own } of group.lists) {
          let inList = 0;
          for (const item of own) {
            let matches = isRank
              && (!name || (exact ? item.name === name : item.name.includes(name)))
              && (!stage || item.stages.includes(stage));
            if (matches && words.length > 0) {
              item.text ??= group.head + ' ' + plain(item.row);
              matches = words.every((word) => item.text.includes(word));
            }
            if (item.row.hidden === matches) item.row.hidden = !matches;
            inList += matches;
          }
          list.hidden = inList === 0;
          // Its height until it is scrolled to.
          if (inList !== own.length) list.style.containIntrinsicBlockSize = `${inList * 80}px`;
          else list.style.removeProperty('contain-intrinsic-block-size');
          inGroup += inList;
        }
        group.section.hidden = inGroup === 0;
        count += inGroup;
      }
      form.elements.shown.value = `${count.toLocaleString('en')} of ${items.length.toLocaleString('en')} shown`;
    };
    form.addEventListener('input', show);
    form.addEventListener('reset', () => setTimeout(show));
    form.addEventListener('submit', (event) => event.preventDefault());
    show();

    for (const link of all('a[data-package]')) {
      link.addEventListener('click', () => {
        form.reset();
        form.elements.package.value = link.dataset.package;
        show();
      });
    }
    // A link to a group that a filter hides would lead nowhere.
    addEventListener('hashchange', () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target && target.hidden) {
        form.reset();
        show();
        target.scrollIntoView();
      }
    });
  }

  // A row of a table, or a package with its revisions.
  const units = (table) =>
    table.classList.contains('unfolding') ? [...table.tBodies] : [...table.tBodies[0].rows];
  const first = (unit) => (unit.rows ? unit.rows[0] : unit);

  // Layout of a long table is slow: without a wish for all, only its first rows are listed.
  const LISTED = 250;
  const texts = new WeakMap();
  const textOf = (unit) => {
    if (!texts.has(unit)) texts.set(unit, plain(first(unit)));
    return texts.get(unit);
  };
  const listings = new Map();
  for (const input of all('input[data-filters]')) {
    const table = document.getElementById(input.dataset.filters);
    const output = input.parentElement.querySelector('output');
    const more = create('button', { type: 'button', className: 'more', hidden: true });
    table.closest('.scroll').after(more);
    let limit = LISTED;
    const list = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const rows = units(table);
      let count = 0;
      for (const row of rows) {
        const matches = words.every((word) => textOf(row).includes(word));
        count += matches;
        const hidden = !matches || count > limit;
        if (row.hidden !== hidden) row.hidden = hidden;
      }
      more.hidden = count <= limit;
      more.textContent = `List all ${count.toLocaleString('en')}`;
      output.value = `${count.toLocaleString('en')} of ${rows.length.toLocaleString('en')}`
        + (count > limit ? `, the first ${limit} are listed` : ' shown');
    };
    const listAll = () => {
      limit = Infinity;
      list();
    };
    more.addEventListener('click', listAll);
    input.addEventListener('input', list);
    listings.set(table, { list, listAll });
    if (units(table).length > limit) list();
  }

  // Sorting.
  const { compare } = new Intl.Collator('en', { numeric: true });
  for (const table of all('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = create('button', { type: 'button', className: 'sort' });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const isNumber = head.classList.contains('num');
        const down = head.ariaSort === 'ascending' || (isNumber && head.ariaSort !== 'descending');
        const key = (unit) => {
          const cell = first(unit).cells[column];
          const text = cell.dataset.key ?? cell.textContent.trim();
          return isNumber ? Number(text.replaceAll(',', '')) : text;
        };
        const sorted = units(table).map((unit) => [key(unit), unit]);
        sorted.sort(([a], [b]) => (isNumber ? a - b : compare(a, b)) * (down ? -1 : 1));
        (table.classList.contains('unfolding') ? table : table.tBodies[0])
          .append(...sorted.map(([, unit]) => unit));
        listings.get(table)?.list();
        for (const other of heads) other.removeAttribute('aria-sort');
        head.ariaSort = down ? 'descending' : 'ascending';
      });
    });
  }

  // Packages unfold to their revisions.
  for (const row of all('tr.package')) {
    const revisions = row.nextElementSibling;
    const head = row.cells[0];
    const button = create('button', { type: 'button', className: 'unfold' });
    button.setAttribute('aria-expanded', 'false');
    button.setAttribute('aria-controls', revisions.id);
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      revisions.hidden = !revisions.hidden;
      button.setAttribute('aria-expanded', String(!revisions.hidden));
    });
  }

  // Paper cannot be unfolded.
  let opened = [];
  addEventListener('beforeprint', () => {
    for (const { listAll } of listings.values()) listAll();
    opened = all('details:not([open])');
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
})();
