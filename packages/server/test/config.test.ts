import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Command, type Config, ConfigError, configOf, readCommand, unknownVariables } from '../src/config.ts';

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function read({ argv = [], env = {} }: Given): Command {
  return readCommand({ argv, env, isTerminal: false });
}

function configFrom(given: Given): Config {
  const command = read(given);
  assert.equal(command.name, 'serve');
  return (command as Command & { name: 'serve' }).config;
}

function textOf(given: Given): string {
  const command = read(given);
  assert.equal(command.name, 'print');
  return (command as Command & { name: 'print' }).text;
}

function refusal(given: Given): ConfigError {
  try {
    read(given);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.ok(!error.message.includes('\n'), 'one sentence');
    return error;
  }
  return assert.fail('not refused');
}

function file(t: TestContext, text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-config-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const name = path.join(folder, 'parley.toml');
  writeFileSync(name, text);
  return name;
}

test('[CONF-1] a flag goes before the environment, that before the file, that before the default', (t) => {
  const toml = file(t, 'queue-bytes = 100000\nclassic-pace-ms = 1\ndrain-ms = 1\nallow-plaintext = true\n');
  const config = configFrom({
    argv: ['--config', toml, '--queue-bytes', '300000'],
    env: { PARLEY_QUEUE_BYTES: '200000', PARLEY_CLASSIC_PACE_MS: '2', PARLEY_BUS: '' },
  });
  assert.equal(config.queueBytes, 300_000);
  assert.equal(config.classicPaceMs, 2);
  assert.equal(config.drainMs, 1);
  assert.equal(config.allowPlaintext, true);
  assert.deepEqual(config.bus, { kind: 'local' });
});

test('[CONF-1] variables that look like settings and are none are found', () => {
  const env = {
    PARLEY_STROE: 'x',
    PARLEY_STORE: 'sqlite:x',
    PARLEY_QUEUE: '1',
    PARLEY_BUS: '',
    PARLEYS: '',
    PATH: '/',
  };
  assert.deepEqual(unknownVariables(env), ['PARLEY_STROE', 'PARLEY_QUEUE']);
});

test('[CONF-1] config prints every setting with its source, and its output is a file that gives the same', (t) => {
  const toml = file(t, 'drain-ms = 5\n');
  const env = { PARLEY_LISTEN: '[::1]:7000' };
  const argv = ['config', '--config', toml, '--allow-plaintext'];
  const text = textOf({ argv, env });
  assert.match(text, /^listen = "\[::1\]:7000" +# PARLEY_LISTEN$/m);
  assert.match(text, /^http = "\[::1\]:7080" +# default$/m);
  assert.match(text, new RegExp(`^drain-ms = 5 +# ${toml}$`, 'm'));
  assert.match(text, /^allow-plaintext = true +# --allow-plaintext$/m);
  assert.deepEqual(configFrom({ argv: ['--config', file(t, text)] }), configFrom({ argv: argv.slice(1), env }));
});

test('[CONF-1] passwords in addresses are masked wherever settings are shown', (t) => {
  const secrets = {
    PARLEY_STORE: 'mysql://chat:s3cr:e%2Ft@db.example:3306/parley?ssl=true',
    PARLEY_BUS: 'redis://:s3cret@bus.example',
  };
  const text = textOf({ argv: ['config'], env: secrets });
  assert.match(text, /mysql:\/\/chat:\*\*\*@db\.example:3306\/parley\?ssl=true/);
  assert.match(text, /redis:\/\/:\*\*\*@bus\.example/);
  const messages = [
    refusal({ env: { PARLEY_BUS: secrets.PARLEY_BUS } }).message,
    refusal({ env: { ...secrets, PARLEY_LISTEN: ':6000' } }).message,
    refusal({ env: { PARLEY_STORE: 'mysql:/chat:s3cret@db' } }).message,
    refusal({ env: { PARLEY_STORE: 'mysql://chat@db/parley?password=t0p' } }).message,
    refusal({ argv: ['--config', file(t, 'store = "mysql://a:s3cret@db\n')] }).message,
  ];
  assert.doesNotMatch(messages.join(), /s3cr|t0p/);
});

test('[AUTH-3] no secret is taken from the command line', () => {
  const error = refusal({ argv: ['config', '--store', 'mysql://chat:s3cret@db/parley'] });
  assert.equal(error.exitCode, 78);
  assert.match(error.message, /PARLEY_STORE/);
  assert.doesNotMatch(error.message, /s3cret/);
});

test('[CONF-1] a wrong value is refused with its name, its source and what would be right', (t) => {
  const toml = file(t, 'queue-bytes = 1.5\n');
  const wrong: [Given, RegExp][] = [
    [{ argv: ['--queue-bytes', '1'] }, /^queue-bytes \(--queue-bytes\) must be a whole number from 65536 .*, not "1"$/],
    [{ env: { PARLEY_LISTEN: '6000' } }, /^listen \(PARLEY_LISTEN\) must be HOST:PORT/],
    [{ env: { PARLEY_LISTEN: '127.0.0.1:65536' } }, /^listen /],
    [{ env: { PARLEY_STORE: 'postgres:x' } }, /^store \(PARLEY_STORE\) must be sqlite:FILE or mysql:/],
    [{ env: { PARLEY_LOG_LEVEL: 'loud' } }, /silent, error, warn, info, debug/],
    [{ env: { PARLEY_ALLOW_PLAINTEXT: 'maybe' } }, /must be true or false/],
    [{ argv: ['--config', toml] }, /^queue-bytes \(.*parley\.toml\) must be/],
    [{ argv: ['--config', file(t, 'qeue-bytes = 1\n')] }, /there is no setting "qeue-bytes"/],
    [{ argv: ['--config', file(t, '[listen]\nport = 1\n')] }, /listen must be a string, a number, true or false/],
    [{ argv: ['--config', file(t, 'listen = \n')] }, /parley\.toml: /],
    [{ argv: ['--config', '/nonexistent/parley.toml'] }, /^\/nonexistent\/parley\.toml: ENOENT/],
  ];
  for (const [given, message] of wrong) {
    const error = refusal(given);
    assert.match(error.message, message);
    assert.equal(error.exitCode, 78, error.message);
  }
});

test('[CONF-1] a command line without meaning ends with 2', () => {
  for (const argv of [
    ['--no-such'],
    ['127.0.0.1'],
    ['serve', '127.0.0.1', 'x'],
    ['1', '2', '3'],
    ['stop'],
    ['--listen'],
  ]) {
    assert.equal(refusal({ argv }).exitCode, 2, argv.join(' '));
  }
  assert.equal(refusal({ argv: ['127.0.0.1', '1', '--listen', '127.0.0.1:2'] }).exitCode, 2);
});

test('host and port are taken as the ancestor took them', () => {
  assert.deepEqual(configFrom({ argv: ['127.0.0.1', '6002'] }).listen, { host: '127.0.0.1', port: 6002 });
  const config = configFrom({ argv: ['serve', '::1', '6002'], env: { PARLEY_LISTEN: '127.0.0.1:1' } });
  assert.deepEqual(config.listen, { host: '::1', port: 6002 });
  assert.deepEqual(config.http, { host: '::1', port: 6082 });
});

test('[OPS-3] plain text is refused on addresses that other machines can reach, unless it is allowed', () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'chat.example', '127.evil.example']) {
    const error = refusal({ argv: [host, '6000'] });
    assert.equal(error.exitCode, 78);
    assert.match(error.message, /--allow-plaintext/);
    assert.equal(configFrom({ argv: [host, '6000', '--allow-plaintext'] }).listen.host, host);
  }
  assert.match(refusal({ argv: ['--listen', ':6000'] }).message, /\[::\]:6000/);
  assert.match(refusal({ argv: ['--listen-proxy', '192.0.2.1:6001'] }).message, /^on 192\.0\.2\.1:6001 /);
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LocalHost.']) configFrom({ argv: [host, '6000'] });
});

test('a bus between nodes needs a store that they can share', () => {
  assert.match(refusal({ argv: ['--bus', 'redis://h'] }).message, /^bus redis:/);
  configFrom({ env: { PARLEY_STORE: 'mysql://a:b@c/d', PARLEY_BUS: 'redis://h' } });
});

test('[CONF-1] an address of a server that lacks something, or says what would not be heeded, is refused', () => {
  const stores = ['mysql://a@h', 'mysql://a@h/', 'mysql://a@h/d/e', 'mysql://a:%@h/d', 'mysql:///d'];
  const options = ['sslmode=require', 'ssl=1', 'ssl=true&tls=1', 'ssl-mode=REQUIRED'];
  for (const store of [...stores, ...options.map((option) => `mysql://a@h/d?${option}`)]) {
    assert.match(refusal({ env: { PARLEY_STORE: store } }).message, /^store .*must look like mysql:.*ssl=true/, store);
  }
  for (const bus of ['redis://', 'redis://h/name', 'redis://h/1/2', 'rediss://:%@h', 'redis://h?tls=true']) {
    assert.match(refusal({ env: { PARLEY_BUS: bus } }).message, /^bus .*must look like redis:.*rediss:/, bus);
  }
  const store = 'mysql://a:b@h/d?ssl=true';
  for (const bus of ['redis://h', 'redis://h/', 'rediss://u:p%40@h:1/15']) {
    configFrom({ env: { PARLEY_STORE: store, PARLEY_BUS: bus } });
  }
});

test('trusted proxies are addresses and ranges', () => {
  const trusted = (text: string) => configFrom({ env: { PARLEY_TRUSTED_PROXIES: text } }).trustedProxies;
  assert.deepEqual(trusted('10.0.0.0/8, ::1,192.0.2.7'), ['10.0.0.0/8', '::1', '192.0.2.7']);
  for (const text of [',', 'localhost', '10.0.0.0/33', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', '1.2.3', 'fe80::1%lo']) {
    assert.match(refusal({ env: { PARLEY_TRUSTED_PROXIES: text } }).message, /must be addresses or ranges/, text);
  }
});

test('help names every setting, version is a command of its own', () => {
  const help = textOf({ argv: ['--help'] });
  assert.match(help, /--classic-pace-ms MS \[20\]/);
  assert.match(help, /PARLEY_QUEUE_BYTES/);
  assert.deepEqual(read({ argv: ['-V'] }), { name: 'version' });
});

test('defaults follow what they depend on', () => {
  assert.equal(configOf({ listen: '127.0.0.1:0' }).http?.port, 0);
  assert.equal(configOf({ listen: '127.0.0.1:65500' }).http, undefined);
  assert.equal(configOf({ http: 'off' }).http, undefined);
  assert.match(readCommandText(true), /log-level = "warn"/);
  assert.match(readCommandText(false), /log-level = "info"/);
});

function readCommandText(isTerminal: boolean): string {
  const command = readCommand({ argv: ['config'], env: {}, isTerminal });
  return command.name === 'print' ? command.text : '';
}

test('[OPS-2] two addresses that would be in each other’s way are refused', () => {
  const both = refusal({ argv: ['--http', '127.0.0.1:6000'] });
  assert.equal(both.message, 'http must not be on port 6000, which is that of listen');
  assert.equal(both.exitCode, 78);
  const proxied = refusal({ argv: ['--listen-proxy', '0.0.0.0:6080', '--allow-plaintext'] });
  assert.equal(proxied.message, 'http must not be on port 6080, which is that of listen-proxy');
  configFrom({ argv: ['--http', '127.0.0.2:6000', '--listen-proxy', '127.0.0.3:6000'] });
  configFrom({ argv: ['--listen', '127.0.0.1:0', '--listen-proxy', '127.0.0.1:0', '--http', '127.0.0.1:0'] });
});
