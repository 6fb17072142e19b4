// Google's Node client against the embedded endpoint: `node conformance.mjs http://HOST:PORT`.
//
// The client is told of the endpoint by `BIGQUERY_EMULATOR_HOST`, as users do; it then leaves `/bigquery/v2` out of its addresses.

import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {BigQuery} from '@google-cloud/bigquery';
import {OAuth2Client} from 'google-auth-library';

const url = process.argv[2];
process.env.BIGQUERY_EMULATOR_HOST = url;

const schema = [
  {name: 'title', type: 'STRING', mode: 'REQUIRED'},
  {name: 'plays', type: 'INTEGER'},
  {name: 'tags', type: 'STRING', mode: 'REPEATED'},
];
const songs = [
  {title: 'Teardrop', plays: 3, tags: ['trip-hop']},
  {title: 'Élan', tags: []},
  {title: 'Porcelain', plays: 12, tags: ['downtempo', 'live']},
];

const checks = {
  async 'a query gives rows with their types'(client) {
    const [rows] = await client.query(
      "SELECT 1 AS i, 1.5 AS f, 'é' AS s, TRUE AS b, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t, [1, 2] AS a, " +
        "STRUCT('x' AS k) AS r, CAST(NULL AS STRING) AS z",
    );
    const [row] = rows;
    assert.deepEqual([row.i, row.f, row.s, row.b, row.a, row.r, row.z], [1, 1.5, 'é', true, [1, 2], {k: 'x'}, null]);
    assert.equal(row.d.value, '2024-03-01');
    assert.equal(row.t.value, '2024-03-01T12:34:56.500Z');
  },

  async 'named and positional parameters'(client) {
    const query = 'SELECT @text AS text, @number AS number, @flag AS flag, @list AS list';
    const [named] = await client.query({query, params: {text: "l'été", number: 7, flag: true, list: ['a', 'b']}});
    assert.deepEqual(named, [{text: "l'été", number: 7, flag: true, list: ['a', 'b']}]);
    const [positional] = await client.query({query: 'SELECT ? + ? AS sum', params: [2, 3]});
    assert.deepEqual(positional, [{sum: 5}]);
  },

  async 'parameters and values of every type'(client) {
    const params = {
      day: BigQuery.date('2024-03-01'),
      at: BigQuery.timestamp('2024-03-01T12:34:56.500Z'),
      local: BigQuery.datetime('2024-03-01T12:34:56'),
      time: BigQuery.time('12:34:56'),
      big: BigQuery.int('9007199254740993'),
      raw: 'AP8=',
      row: {a: 1, b: ['x']},
      none: null,
    };
    const names = Object.keys(params);
    const query = `SELECT ${names.map(name => `@${name} AS \`${name}\``).join(', ')}`;
    const [[row]] = await client.query({query, params, types: {none: 'STRING', raw: 'BYTES'}, wrapIntegers: true});
    assert.deepEqual(
      [row.day.value, row.at.value, row.local.value, row.time.value, row.big.value, [...row.raw], row.row.b, row.none],
      ['2024-03-01', '2024-03-01T12:34:56.500Z', '2024-03-01T12:34:56', '12:34:56', '9007199254740993', [0, 255], ['x'], null],
    );
    const typed = {query: 'SELECT @n AS n, @l AS l', params: {n: 1.5, l: []}, types: {n: 'NUMERIC', l: ['INT64']}};
    const [[decimal]] = await client.query(typed);
    assert.deepEqual([decimal.n.toString(), decimal.l], ['1.5', []]);
  },

  async 'a hundred thousand rows come in pages'(client, dataset) {
    const query = 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS n ORDER BY n';
    const [job] = await client.createQueryJob({query});
    const [rows] = await job.getQueryResults({maxResults: 30_000, autoPaginate: true});
    assert.ok(rows.length >= 30_000);
    let count = 0;
    for await (const row of client.createQueryStream(query)) {
      count += 1;
      assert.equal(row.n, count);
    }
    assert.equal(count, 100_000);
  },

  async 'a dry run estimates'(client, dataset) {
    await dataset.createTable('songs', {schema});
    const query = `SELECT title FROM ${dataset.id}.songs`;
    const [job] = await client.createQueryJob({query, dryRun: true});
    assert.equal(job.metadata.statistics.query.statementType, 'SELECT');
    assert.equal(job.metadata.statistics.totalBytesProcessed, '0');
  },

  async 'rows are streamed in and paged out'(client, dataset) {
    const [table] = await dataset.createTable('songs', {schema});
    await table.insert(songs);
    const query = `SELECT title, plays, tags FROM ${dataset.id}.songs ORDER BY plays`;
    const [rows] = await client.query({query, maxResults: 2});
    assert.deepEqual(rows.map(row => row.title), ['Élan', 'Teardrop', 'Porcelain']);
    const [listed] = await table.getRows({maxResults: 10});
    assert.equal(listed.length, 3);
    await assert.rejects(table.insert([{title: 'x', plays: 'many'}]), {name: 'PartialFailureError'});
  },

  async 'a file is loaded'(client, dataset, folder) {
    const path = join(folder, 'songs.ndjson');
    await writeFile(path, songs.map(song => JSON.stringify(song)).join('\n'));
    const [job] = await dataset.table('loaded').load(path, {sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: {fields: schema}});
    assert.equal(job.status.state, 'DONE');
    const [rows] = await client.query(`SELECT COUNT(*) AS n, SUM(plays) AS plays FROM ${dataset.id}.loaded`);
    assert.deepEqual(rows, [{n: 3, plays: 15}]);
  },

  async 'files of every format and option are loaded'(client, dataset, folder) {
    const path = join(folder, 'songs.csv');
    await writeFile(path, gzipSync('title;plays\n"a;b";1\nNA;2\n'));
    const options = {sourceFormat: 'CSV', skipLeadingRows: 1, fieldDelimiter: ';', nullMarker: 'NA', schema: 'title:STRING,plays:INTEGER'};
    await dataset.table('csv').load(path, options);
    const [rows] = await client.query(`SELECT title, plays FROM ${dataset.id}.csv ORDER BY plays`);
    assert.deepEqual(rows, [{title: 'a;b', plays: 1}, {title: null, plays: 2}]);
    const lines = join(folder, 'seen.ndjson');
    await writeFile(lines, '{"n": 1, "at": "2024-03-01", "r": {"k": [1.5]}}\n{"n": 2}\n');
    await dataset.table('seen').load(lines, {sourceFormat: 'NEWLINE_DELIMITED_JSON', autodetect: true});
    const [metadata] = await dataset.table('seen').getMetadata();
    assert.deepEqual(metadata.schema.fields.map(field => field.type), ['INTEGER', 'DATE', 'RECORD']);
    const stream = dataset.table('streamed').createWriteStream({sourceFormat: 'CSV', schema: {fields: [{name: 'n', type: 'INTEGER'}]}});
    await new Promise((resolve, reject) => {
      stream.on('complete', resolve).on('error', reject);
      stream.end('1\n2\n');
    });
    const [[{n}]] = await client.query(`SELECT SUM(n) AS n FROM ${dataset.id}.streamed`);
    assert.equal(n, 3);
  },

  async 'tables are copied and views are read'(client, dataset) {
    const [table] = await dataset.createTable('songs', {schema, labels: {kind: 'test'}});
    await table.insert(songs);
    await table.copy(dataset.table('copy'));
    const [job] = await client.createQueryJob({query: `SELECT * FROM ${dataset.id}.copy`, destination: dataset.table('result')});
    assert.equal((await job.getQueryResults())[0].length, 3);
    await dataset.createTable('view', {view: {query: `SELECT title FROM ${dataset.id}.songs WHERE plays > 5`, useLegacySql: false}});
    const [rows] = await client.query(`SELECT * FROM ${dataset.id}.view`);
    assert.deepEqual(rows, [{title: 'Porcelain'}]);
    const [metadata] = await dataset.table('result').getMetadata();
    assert.equal(metadata.numRows, '3');
    await dataset.setMetadata({description: 'Changed', labels: {kept: 'no'}});
    assert.equal((await dataset.getMetadata())[0].description, 'Changed');
    const [datasets] = await client.getDatasets({filter: 'labels.kept:no'});
    assert.deepEqual(datasets.map(each => each.id), [dataset.id]);
  },

  async 'jobs are listed, cancelled and found again'(client) {
    const endless = 'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b WHERE MOD(a * b, 7) = 3';
    const [job] = await client.createQueryJob({query: endless, labels: {kind: 'slow'}});
    await job.cancel();
    await assert.rejects(job.getQueryResults(), /cancel/i);
    const [metadata] = await client.job(job.id).getMetadata();
    assert.deepEqual([metadata.status.state, metadata.configuration.labels], ['DONE', {kind: 'slow'}]);
    const [jobs] = await client.getJobs({maxResults: 5, autoPaginate: false});
    assert.ok(jobs.some(each => each.id === job.id));
  },

  async 'tables are made, changed and deleted'(client, dataset) {
    const [table] = await dataset.createTable('songs', {schema});
    await assert.rejects(dataset.createTable('songs', {schema}), {code: 409});
    const [changed] = await table.setMetadata({description: 'Changed'});
    assert.equal(changed.description, 'Changed');
    const [tables] = await dataset.getTables();
    assert.deepEqual(tables.map(each => each.id), ['songs']);
    await table.delete();
    assert.deepEqual(await table.exists(), [false]);
  },

  async 'what is wrong is told'(client, dataset) {
    await assert.rejects(client.query('SLECT 1'), /\[1:1\]/);
    await assert.rejects(client.query(`SELECT 1 FROM ${dataset.id}.missing`), /Not found: Table/);
    await assert.rejects(client.dataset('no_such_dataset').getMetadata(), {code: 404});
  },
};

const folder = await mkdtemp(join(tmpdir(), 'quaver-node-'));
// Without any credentials the client cannot upload (its request has no headers then): a token that nobody checks.
const account = new OAuth2Client();
account.setCredentials({access_token: 'none'});
const client = new BigQuery({projectId: 'conformance', authClient: account});
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const dataset = client.dataset(`node_${randomUUID().replaceAll('-', '_')}`);
  try {
    await dataset.create();
    await check(client, dataset, folder);
  } catch (error) {
    failed += 1;
    console.log(`node ${name}: FAILED\n${error.stack}`);
  } finally {
    await dataset.delete({force: true}).catch(() => {});
  }
}
await rm(folder, {recursive: true});
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
