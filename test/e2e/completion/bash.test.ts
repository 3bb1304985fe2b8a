import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bin, ended, Home, type Ended } from '../../helpers/cli.ts';
import { Terminal } from '../../helpers/terminal.ts';

const home = new Home();
const programs = join(home.folder, 'programs');
const env = { PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`, LC_ALL: 'C' };

before(() => {
  mkdirSync(programs);
  for (const name of ['devicehive', 'dh']) symlinkSync(bin, join(programs, name));
  writeFileSync(join(home.work, 'requests.ndjson'), '');
  writeFileSync(join(home.work, 'result.json'), '{}');
});
after(() => home[Symbol.dispose]());

/** Runs a script in bash as a fresh account would: without start files and without the package bash-completion. */
function bash(script: string): Promise<Ended> {
  return ended(home.spawn('bash', ['--noprofile', '--norc', '-c', script], { env }));
}

/**
 * Loads the script as the README says, and completes each line as bash does at its end. Returns the completions, a line
 * each.
 */
async function replies(lines: readonly string[]): Promise<string[]> {
  const asks = lines.map((line) => `ask ${quoted(line)} ${line.split(' ').map(wordsOfBash).join(' ')}`);
  const { code, stdout, stderr } = await bash(`set -u
source <(devicehive completion bash)
ask() {
    COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("\${@:2}") COMP_CWORD=$(($# - 2))
    local word=\${COMP_WORDS[COMP_CWORD]}
    local end=\${word##*=}
    [[ COMP_CWORD -gt 0 && \${COMP_WORDS[COMP_CWORD - 1]} == *@ ]] && end=@$end
    "$(complete -p "$2" | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" "$2" "$end" "\${COMP_WORDS[COMP_CWORD - 1]}"
    echo "\${COMPREPLY[*]-}"
}
${asks.join('\n')}`);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return stdout.split('\n').slice(0, -1);
}

function quoted(text: string): string {
  return `'${text}'`;
}

/** Returns the parts into which bash splits a word: it breaks at = and @. */
function wordsOfBash(word: string): string {
  const parts = word.split(/([=@]+)/).filter((part) => part !== '');
  return parts.length === 0 ? "''" : parts.map(quoted).join(' ');
}

describe('completion in bash', () => {
  it('completes words, flags, values and files, in one go', async () => {
    const asked = {
      'devicehive comm': 'command commands',
      'devicehive command up': 'update',
      'devicehive command update --dev': '--device',
      'devicehive device list --output ': 'text json ndjson yaml csv',
      'devicehive device list --output=': 'text json ndjson yaml csv',
      'devicehive device list --output=y': 'yaml',
      'devicehive device get --embedded --device d': 'd1',
      'devicehive device get --embedded --device=d': 'd1',
      'devicehive batch req': 'requests.ndjson',
      'devicehive batch --resume=req': 'requests.ndjson',
      'devicehive command update --result @res': '@result.json',
      'devicehive command update --result=@res': '@result.json',
      'devicehive nothing ': '',
    };
    assert.deepEqual(await replies(Object.keys(asked)), Object.values(asked));
  });

  it('completes the short name too', async () => {
    assert.deepEqual(await replies(['dh command up', 'dh auth ']), ['update', 'login status logout']);
  });

  it('works without the line, and with only an array of words', async () => {
    const { stdout, stderr } = await bash(`source <(devicehive completion bash)
unset COMP_LINE COMP_POINT
COMP_WORDS=(devicehive command update --stat) COMP_CWORD=3
_devicehive && echo "\${COMPREPLY[@]}"
COMP_WORDS=(devicehive device list --output = js) COMP_CWORD=5
_devicehive && echo "\${COMPREPLY[@]}"`);
    assert.equal(stderr, '');
    assert.equal(stdout, '--status\njson\n');
  });

  it('can be loaded twice, and leaves nothing but its function', async () => {
    const { code, stdout, stderr } = await bash(`before=$(compgen -v | sort)
source <(devicehive completion bash)
source <(devicehive completion bash)
diff <(echo "$before") <(compgen -v | sort) | grep '^>' | grep -v -e before -e PIPESTATUS
complete -p devicehive dh`);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.equal(stdout, 'complete -F _devicehive devicehive\ncomplete -F _devicehive dh\n');
  });

  it('runs nothing that stands on the line', async () => {
    await replies(['devicehive device list --name $(touch${IFS}bad) --out', 'devicehive `touch${IFS}bad` --out']);
    assert.throws(() => readFileSync(join(home.work, 'bad')), { code: 'ENOENT' });
  });

  it('says nothing where the program is gone', async () => {
    const { code, stdout, stderr } = await bash(`source <(devicehive completion bash)
PATH=/nowhere
COMP_LINE='devicehive com' COMP_WORDS=(devicehive com) COMP_CWORD=1
_devicehive devicehive com
echo "\${#COMPREPLY[@]}"`);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '0\n', stderr: '' });
  });

  it('completes what a person types when Tab is pressed', async () => {
    const start = 'exec bash --noprofile --norc -i';
    using terminal = Terminal.script(home, start, [], { env: { ...env, PS1: '> ', INPUTRC: '/dev/null' } });
    terminal.type('source <(devicehive completion bash); echo loa""ded\r');
    await terminal.waitFor(/loaded/);
    terminal.type('dh command upd\t--dev\td1 --output=js\t--id 42 --status done -n\r');
    await terminal.waitFor(/\{"action":"command\/update","requestId":1,"deviceId":"d1","commandId":42/);
    terminal.type('dh command update --device d1 --id 42 --result @res\t-n\r');
    await terminal.waitFor(/"command":\{"result":\{\}\}/);
    terminal.type('exit\r');
    assert.equal(await terminal.ended(), 0);
  });
});

describe('the scripts for other shells', () => {
  const names = {
    zsh: [
      /^#compdef devicehive dh\n/,
      /^compdef _devicehive devicehive dh$/m,
      /requestComp="devicehive completion complete -- /,
    ],
    fish: [
      /^complete -c devicehive /m,
      /^complete -c dh -w devicehive$/m,
      /\(devicehive completion complete -- \$args/,
    ],
    powershell: [
      /-CommandName 'devicehive' -ScriptBlock \$__devicehiveCompleterBlock/,
      /-CommandName 'dh' -ScriptBlock \$__devicehiveCompleterBlock/,
      /& devicehive completion complete '--' \$QuotedArgs/,
    ],
  };

  for (const [shell, patterns] of Object.entries(names))
    it(`ask this program, for both of its names: ${shell}`, async () => {
      const { code, stdout, stderr } = await home.run(['completion', shell]);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      for (const pattern of patterns) assert.match(stdout, pattern);
      assert.match(stdout, /[^\n]\n$/);
    });

  it('get their answers from the built program', async () => {
    const { code, stdout, stderr } = await home.run(['completion', 'complete', '--', 'command', 'up']);
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: 'update\tUpdate a command on behalf of its device\n:36\n', stderr: '' },
    );
  });

  it('are named where a shell is unknown, missing or one too many', async () => {
    for (const args of [['tcsh'], [], ['bash', 'zsh']]) {
      const { code, stdout, stderr } = await home.run(['completion', ...args]);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /devicehive completion/);
    }
    assert.match((await home.run(['completion', 'tcsh'])).stderr, /bash, zsh, fish, powershell, not for 'tcsh'/);
  });
});
