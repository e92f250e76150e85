// Opens HTML reports in Chromium, from file://, and checks what only a browser can: that nothing of a repository runs,
// that nothing is loaded, that filters, sorting and unfolding work, that diffs are visible, that the page is readable in
// both colour schemes and on a phone, and that axe-core finds nothing serious.
//
//   node check.js check <TOOL> <V1_REPO> [<SLICE>]    the reports of the fixture, of a hostile repository, and of a slice
//   node check.js screenshots <TOOL> <V1_REPO> <DIR>  the pictures in docs
//   node check.js measure <REPORT.html>...            size, first render and the time of a keystroke in a filter
//
// Chromium is $CHROMIUM, or that of the system. Needs Git for the hostile repository.
'use strict';

const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { chromium } = require('playwright-core');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';

// Each would set `hit`, load something or leave its element, if it became markup.
const ATTACKS = [
  '<img src=x onerror=hit=1>',
  '"><svg onload=hit=1>',
  "'><script>hit=1<",
  '<a href=javascript:hit=1 autofocus onfocus=hit=1>',
  '${hit=1}{{hit=1}}',
  '<style>*{display:none}',
  '<base href=https:attacker.invalid>',
];
const IN_FILES = ['</pre><script>hit=1</script>', '--><script>hit=1</script>', '\u202eevil', ...ATTACKS];

// More than a table lists at first.
const GONE = 300;

function run(program, args, options = {}) {
  const ran = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (ran.error) throw ran.error;
  return ran;
}

function tool(program, args, codes, cwd) {
  const ran = run(program, args, { cwd });
  assert(codes.includes(ran.status), `${args.join(' ')}: ${ran.status}\n${ran.stderr}`);
}

/** Creates a bare repository whose names and files are hostile. */
function hostile(folder) {
  const quoted = (name) => `"${name.replace(/[\\"]/g, '\\$&')}"`;
  const file = (name, text) => {
    const bytes = Buffer.from(text);
    return `M 100644 inline ${quoted(name)}\ndata ${bytes.length}\n${text}\n`;
  };
  const manifest = (name, more = '') =>
    `format_version: 1.0.0\nname: ${name}\ntitle: T\nversion: 1.0.0\ndescription: D\ntype: integration\n`
    + `owner: {github: a/b}\n${more}`;
  let number = 0;
  const commit = (stage, files) =>
    `commit refs/heads/${stage}\ncommitter A <a@example.org> ${1577836800 + number++ * 86400} +0000\ndata 1\n.\n${files}`;
  const names = ATTACKS.map((attack) => file(`packages/${attack}/1.0.0/manifest.yml`, 'name: x\n')).join('')
    + ATTACKS.map((attack) => file(`packages/buoy/${attack}/manifest.yml`, 'name: x\n')).join('')
    + ATTACKS.map((attack) => file(`packages/${attack}.txt`, '')).join('');
  const manifests = IN_FILES.map((text, index) =>
    file(`packages/pier_${index}/1.0.0/manifest.yml`, `name: ${JSON.stringify(text)}\nversion: 1.0.0\n`)
    + file(`packages/quay_${index}/1.0.0/manifest.yml`, manifest(`quay_${index}`, `release: ${JSON.stringify(text)}\n`)));
  const port = (text) =>
    ATTACKS.map((attack) => file(`packages/port/1.0.0/docs/${attack}`, text)).join('')
    + file('packages/port/1.0.0/fields.yml', text) + file('packages/port/1.0.0/docs/README.md', text)
    + file('packages/port/1.0.0/manifest.yml', manifest('port'));
  const gone = Array.from({ length: GONE }, (_, index) => `packages/gone_${index}`);
  const stream =
    commit('production', names + manifests.join('') + port('1\n') 
      + gone.map((folder) => file(`${folder}/1.0.0/manifest.yml`, '')).join(''))
    + commit('production', gone.map((folder) => `D ${folder}\n`).join('') + port('2\n'))
    + commit('staging', port(`${IN_FILES.join('\n')}\n`));
  const options = { input: stream, cwd: folder };
  assert.equal(run('git', ['init', '--quiet', '--bare', folder]).status, 0);
  const imported = run('git', ['fast-import', '--quiet'], options);
  assert.equal(imported.status, 0, imported.stderr);
}

/**
 * A bucket of Google Cloud Storage in another process: it has other bytes for the first archive that it is asked to
 * have, refuses the last one, and confirms all other writes. Prints its port.
 */
const BUCKET = `
  const [conflict, refused] = process.argv.slice(1);
  const entry = (name, more) => ({ name, size: '1', generation: '1', ...more });
  require('node:http').createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url, 'http://bucket');
      const answer = (status, value) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      const prefix = url.searchParams.get('prefix');
      if (prefix !== null) {
        const items = [entry(prefix + conflict, { crc32c: 'AAAAAA==' })];
        return answer(200, { kind: 'storage#objects', items: prefix.endsWith('packages/') && conflict ? items : [] });
      }
      if (request.method !== 'POST') return answer(404, {});
      const { name, md5Hash, crc32c } = JSON.parse(Buffer.concat(chunks).toString('latin1').split('\\r\\n')[3]);
      if (refused && name.endsWith(refused)) return answer(403, { error: { errors: [{ reason: 'forbidden' }] } });
      return answer(200, entry(name, { md5Hash, crc32c }));
    });
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

/** Uploads a folder to such a bucket, with a report; with an endpoint, which serves nothing, if that is asked for. */
async function upload(program, v2, to, file, folder, hasEndpoint) {
  const packages = path.join(folder, v2, 'artifacts/packages');
  const archives = fs.existsSync(packages) ? fs.readdirSync(packages).filter((name) => name.endsWith('.zip')).sort() : [];
  const bucket = spawn(process.execPath, ['-e', BUCKET, archives[0] ?? '', archives.at(-1) ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise((resolve) => bucket.stdout.once('data', (text) => resolve(String(text).trim())));
    const args = ['upload', v2, '--to', to, '--allow-blockers', '--report', file, '--quiet'];
    if (hasEndpoint) args.push('--endpoint', `http://127.0.0.1:${port}/bkt/`);
    const env = { ...process.env, STORAGE_EMULATOR_HOST: `http://127.0.0.1:${port}` };
    const ran = run(program, args, { cwd: folder, env });
    // A conflict, and with another archive a failure.
    assert.equal(ran.status, [0, 1, 3][Math.min(archives.length, 2)], ran.stderr);
    assert(fs.existsSync(path.join(folder, file)), ran.stderr);
  } finally {
    bucket.kill();
  }
}

/** Writes the HTML report of each command; returns the files by name. */
async function reports(program, v1, folder, name) {
  // In the folder, so that the reports show no path of this machine.
  const file = (command) => `${name}-${command}.html`;
  const v2 = `${name}-v2`;
  const flags = ['--stages', name === 'hostile' ? 'production,staging' : 'production,staging,snapshot', '--quiet'];
  tool(program, ['migrate', v1, '--output', v2, '--report', file('migrate'), '--report', `${v2}/report.json`, '--fail-on', 'never', ...flags], [0], folder);
  const to = name === 'hostile' ? `gs://bkt/${ATTACKS[0]}` : 'gs://package-storage-v2';
  await upload(program, v2, to, file('upload'), folder, false);
  await upload(program, v2, to, file('endpoint'), folder, true);
  tool(program, ['verify', v1, '--v2', v2, '--exact', '--report', file('verify'), ...flags], [0, 1], folder);
  // A byte of one archive is another, and one archive is missing.
  const archives = path.join(folder, v2, 'artifacts/packages');
  const [first, second] = fs.readdirSync(archives).sort();
  const bytes = fs.readFileSync(path.join(archives, first));
  bytes[bytes.length >> 1] ^= 0xff;
  fs.writeFileSync(path.join(archives, first), bytes);
  if (second) fs.rmSync(path.join(archives, second));
  tool(program, ['verify', v1, '--v2', v2, '--exact', '--report', file('mismatch'), ...flags], [1], folder);
  tool(program, ['migrate', v1, '--dry-run', '--against', v2, '--report', file('against'), '--fail-on', 'never', ...flags], [0, 1, 3], folder);
  tool(program, ['audit-history', v1, '--report', file('history'), '--fail-on', 'never', ...flags], [0], folder);
  return ['migrate', 'verify', 'mismatch', 'against', 'history', 'upload', 'endpoint'].map((command) => [command, path.join(folder, file(command))]);
}

/** Opens a file in a new context, where everything that a page must not do is recorded. */
async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const faults = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => faults.push(`console: ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== url) faults.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return { context, page, faults };
}

async function checkAxe(page, row) {
  // DevTools may evaluate what the page's own policy forbids.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  const text = (one) =>
    `${one.id} (${one.impact}): ${one.help}\n${one.nodes.slice(0, 3).map((node) => `  ${node.html.slice(0, 200)}\n  ${node.failureSummary}`).join('\n')}`;
  assert.equal(serious.length, 0, `${row}\n${serious.map(text).join('\n')}`);
  for (const one of violations) console.log(`${row}: ${text(one)}`);
}

const visibleCount = (page, selector) =>
  page.evaluate((query) => [...document.querySelectorAll(query)].filter((one) => one.checkVisibility()).length, selector);

async function checkFilters(page, row) {
  const total = await visibleCount(page, '.item');
  if (total === 0) return;
  const first = page.locator('.item').first();
  const name = await first.getAttribute('data-package');
  await page.fill('#filters [name=package]', name);
  const ofPackage = await visibleCount(page, '.item');
  const wrong = await page.evaluate(
    (expected) => [...document.querySelectorAll('.item')].filter((one) => !one.hidden && one.dataset.package !== expected).length,
    name,
  );
  if (name) assert.equal(wrong, 0, `${row}: the filter by package`);
  assert(ofPackage > 0 && ofPackage <= total, `${row}: ${ofPackage} of ${total}`);
  assert.equal(await page.locator('#filters output').textContent(), `${ofPackage} of ${total} shown`, row);
  await page.fill('#filters [name=text]', 'no such text anywhere');
  assert.equal(await visibleCount(page, '.item'), 0, `${row}: the filter by text`);
  await page.click('#filters [type=reset]');
  await page.waitForFunction((count) => [...document.querySelectorAll('.item')].filter((one) => !one.hidden).length === count, total);
  for (const rank of await page.locator('#filters [name=rank] option').allTextContents()) {
    if (rank === 'all') continue;
    await page.selectOption('#filters [name=rank]', rank);
    const shown = await page.evaluate(() =>
      [...document.querySelectorAll('.group')].filter((one) => !one.hidden).map((one) => one.dataset.rank));
    assert(shown.length > 0 && shown.every((one) => one === rank), `${row}: the filter by ${rank}: ${shown}`);
  }
  await page.selectOption('#filters [name=rank]', '');
  if (await page.locator('#filters [name=stage]').count() > 0) {
    await page.selectOption('#filters [name=stage]', 'staging');
    const shown = await page.evaluate(() =>
      [...document.querySelectorAll('.item')].filter((one) => !one.hidden).map((one) => one.dataset.stages));
    assert(shown.every((one) => one.includes('staging')), `${row}: the filter by stage`);
  }
  await page.click('#filters [type=reset]');
}

async function checkPackages(page, row) {
  const table = page.locator('#packages-table');
  if (await table.count() === 0) return;
  const names = () => page.evaluate(() =>
    [...document.querySelectorAll('#packages-table > tbody > tr:first-child > th, #packages-table:not(.unfolding) > tbody > tr > th')].map((one) => one.textContent.trim()));
  const before = await names();
  // By keyboard alone.
  await table.locator('thead .sort').first().focus();
  await page.keyboard.press('Enter');
  assert.equal(await table.locator('thead th').first().getAttribute('aria-sort'), 'ascending', row);
  await page.keyboard.press('Enter');
  assert.equal(await table.locator('thead th').first().getAttribute('aria-sort'), 'descending', row);
  const after = await names();
  assert.equal(before.length, after.length, row);
  assert.deepEqual([...after].sort(), [...before].sort(), row);
  if (before.length > 1) assert.notDeepEqual(after, before, `${row}: sorted downwards`);
  await page.keyboard.press('Enter');
  const fold = table.locator('.unfold').first();
  if (await fold.count() > 0) {
    assert.equal(await fold.getAttribute('aria-expanded'), 'false', row);
    await fold.focus();
    await page.keyboard.press('Enter');
    assert.equal(await fold.getAttribute('aria-expanded'), 'true', row);
    assert(await visibleCount(page, 'tr.revisions table tbody tr') > 0, `${row}: revisions are visible`);
  }
  await page.fill('[data-filters=packages-table]', 'no such package');
  assert.equal(await visibleCount(page, '#packages-table > tbody > tr'), 0, `${row}: the filter of the table`);
  await page.fill('[data-filters=packages-table]', '');
}

/** A phone shows everything without scrolling sideways; wide tables scroll by themselves. */
async function checkWidth(page, row) {
  const { content, width } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
  }));
  assert(content <= width, `${row}: ${content} px of content on ${width} px`);
}

async function checkPage(browser, file, row) {
  for (const colorScheme of ['light', 'dark']) {
    const { context, page, faults } = await open(browser, file, { colorScheme });
    const scheme = `${row} ${colorScheme}`;
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const brightness = Math.max(...colour.match(/\d+/g).map(Number));
    assert(colorScheme === 'dark' ? brightness < 64 : brightness > 192, `${scheme}: ${colour}`);
    await checkAxe(page, scheme);
    await checkFilters(page, scheme);
    await checkPackages(page, scheme);
    assert.equal(await page.evaluate(() => typeof window.hit), 'undefined', `${scheme}: a script of the repository ran`);
    assert.deepEqual(faults, [], scheme);
    await context.close();
  }
  const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
  const { context, page, faults } = await open(browser, file, phone);
  await checkWidth(page, `${row} phone`);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await visibleCount(page, '#filters'), 0, `${row}: no filters on paper`);
  assert.deepEqual(faults, [], `${row} phone`);
  await context.close();
  // Without its script, the page still shows everything but the revisions.
  const plain = await open(browser, file, { javaScriptEnabled: false });
  assert(await plain.page.locator('#verdict').isVisible(), `${row} without script`);
  await plain.context.close();
}

async function checkConflict(browser, file) {
  const { context, page } = await open(browser, file);
  const group = page.locator('#conflict-content-conflict');
  await group.scrollIntoViewIfNeeded();
  const [add, del] = [group.locator('.listing .add').first(), group.locator('.listing .del').first()];
  assert(await add.isVisible() && await del.isVisible(), 'the diff of a conflict is visible');
  const colours = await Promise.all([add, del].map((line) => line.evaluate((one) => getComputedStyle(one).backgroundColor)));
  assert.notEqual(colours[0], colours[1], 'added and removed lines have different colours');
  await context.close();
}

/** A long table lists its first rows, and all of them on request. */
async function checkLongTable(browser, file) {
  const { context, page } = await open(browser, file);
  const rows = '#gone-table tbody tr';
  assert.equal(await visibleCount(page, rows), 250);
  await page.fill('[data-filters=gone-table]', 'gone_29');
  assert.equal(await visibleCount(page, rows), 11);
  await page.fill('[data-filters=gone-table]', '');
  await page.locator('#gone .more').click();
  assert.equal(await visibleCount(page, rows), GONE);
  await context.close();
}

async function check(program, v1, slice) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'html-reports-'));
  const browser = await launch();
  try {
    const hostileRepository = path.join(folder, 'hostile.git');
    hostile(hostileRepository);
    const repositories = [['fixture', v1], ['hostile', hostileRepository]];
    if (slice) repositories.push(['slice', slice]);
    for (const [name, repository] of repositories) {
      const files = await reports(program, repository, folder, name);
      for (const [command, file] of files) {
        await checkPage(browser, file, `${name} ${command}`);
        console.log(`${name} ${command}: ${fs.statSync(file).size} bytes`);
      }
      if (name !== 'slice') await checkConflict(browser, files[0][1]);
      if (name === 'hostile') await checkLongTable(browser, files.find(([command]) => command === 'history')[1]);
    }
    const text = fs.readFileSync(path.join(folder, 'hostile-migrate.html'), 'utf8');
    const missing = ATTACKS.filter((attack) => !text.includes(attack.replaceAll('&', '&#38;').replaceAll('<', '&#60;').replaceAll('>', '&#62;').replaceAll('"', '&#34;').replaceAll("'", '&#39;')));
    assert.deepEqual(missing, [], 'each attack is in the page, as text');
  } finally {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  }
}

async function screenshots(program, v1, target) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'html-reports-'));
  const browser = await launch();
  try {
    const files = Object.fromEntries(await reports(program, v1, folder, 'fixture'));
    const shots = [
      ['report-migrate', files.migrate, { colorScheme: 'light' }, null],
      ['report-migrate-dark', files.migrate, { colorScheme: 'dark' }, '#conflict-content-conflict'],
      ['report-verify', files.mismatch, { colorScheme: 'light' }, null],
      ['report-upload', files.upload, { colorScheme: 'light' }, null],
      ['report-history', files.history, { colorScheme: 'light' }, null],
    ];
    for (const [name, file, options, at] of shots) {
      const { context, page } = await open(browser, file, { ...options, viewport: { width: 1200, height: 860 } });
      if (at) await page.locator(at).evaluate((one) => one.scrollIntoView());
      const png = path.join(target, `${name}.png`);
      await page.screenshot({ path: png });
      assert(fs.statSync(png).size < 300_000, `${png} has ${fs.statSync(png).size} bytes`);
      console.log(png);
      await context.close();
    }
  } finally {
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  }
}

async function measure(files) {
  const browser = await launch();
  try {
    for (const file of files) {
      const rows = [];
      for (let index = 0; index < 5; index += 1) {
        const { context, page } = await open(browser, file);
        const paint = await page.evaluate(() => new Promise((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
            .observe({ type: 'paint', buffered: true });
        }));
        const { loaded } = await page.evaluate(() => ({ loaded: performance.getEntriesByType('navigation')[0].loadEventEnd }));
        // From the event until the next frame is drawn.
        const keys = await page.evaluate(async () => {
          const input = document.querySelector('#filters [name=text]') ?? document.querySelector('input[data-filters]');
          if (!input) return [];
          input.scrollIntoView();
          // What scrolling draws is not the keystroke's.
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 300)));
          const times = [];
          for (const text of ['a', 'ap', 'apm', 'apm ', 'apm 8', '']) {
            await new Promise((resolve) => requestAnimationFrame(resolve));
            const start = performance.now();
            input.value = text;
            input.dispatchEvent(new Event('input', { bubbles: true }));
            await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
            times.push(performance.now() - start);
          }
          return times;
        });
        rows.push({ paint, loaded, key: Math.max(...keys, 0) });
        await context.close();
      }
      const median = (name) => rows.map((row) => row[name]).sort((a, b) => a - b)[rows.length >> 1].toFixed(0);
      console.log(
        `${path.basename(file)}: ${fs.statSync(file).size} bytes, first render ${median('paint')} ms,`
        + ` loaded ${median('loaded')} ms, slowest keystroke ${median('key')} ms (medians of ${rows.length})`,
      );
    }
  } finally {
    await browser.close();
  }
}

function launch() {
  // Chromium has no sandbox for root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

const [command, ...args] = process.argv.slice(2).map((arg) => (fs.existsSync(arg) ? path.resolve(arg) : arg));
const commands = { check, screenshots, measure: (...files) => measure(files) };
if (!commands[command]) {
  console.error('usage: check.js check|screenshots|measure …');
  process.exit(2);
}
commands[command](...args).catch((error) => {
  console.error(error);
  process.exit(1);
});
