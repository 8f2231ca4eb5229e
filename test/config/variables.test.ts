import { describe, expect, it } from 'vitest'
import type { QuietStream } from './parts.ts'
import { setupOf } from './setup.ts'
import { goodConfig, load, onlyStream, problemsOf } from './written.ts'

const withOptions = (lines: string, active = 'true') =>
  `ALERT_STREAMS:\n  - NAME: QuietStream\n    ACTIVE: ${active}\n    OPTIONS:\n      TOPIC_HANDLERS: { a: ./pass.ts }\n${lines
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n')}\n`

async function optionsOf(lines: string, env: Readonly<Record<string, string>> = {}) {
  const config = await goodConfig(withOptions(lines), env)
  const stream = onlyStream(config).make(setupOf(config)) as QuietStream
  return { options: stream.options, secrets: config.secrets }
}

describe('a variable', () => {
  it('is put into text, keys included', async () => {
    const { options } = await optionsOf(`GROUP_ID: \${USER_NAME}-bridge-$\${x}\nCOUNT: \${COUNT:-7}`, {
      USER_NAME: 'alice'
    })
    expect(options).toMatchObject({ GROUP_ID: `alice-bridge-\${x}`, COUNT: 7 })
    const config = await goodConfig(
      `ALERT_STREAMS: [{ NAME: QuietStream, OPTIONS: { GROUP_ID: g, TOPIC_HANDLERS: { "\${P}.x": ./pass.ts } } }]`,
      { P: 'ztf' }
    )
    expect(onlyStream(config).routes[0]!.key).toBe('ztf.x')
  })

  it('that is empty is one that was not given', async () => {
    const { options } = await optionsOf(`GROUP_ID: g\nSTART_POSITION: \${START:-}\nUSERNAME: \${USER_NAME}`, {
      USER_NAME: ''
    })
    expect(options).toMatchObject({ START_POSITION: 'LATEST', USERNAME: undefined })
  })

  it('with :? gives its message; without a name or an end it is explained', async () => {
    expect(await problemsOf(withOptions(`GROUP_ID: "\${G:?the group}"`))).toContain('G is not set: the group')
    expect(await problemsOf(withOptions(`GROUP_ID: "\${G"`))).toContain('the variable is not closed')
    expect(await problemsOf(withOptions(`GROUP_ID: "a \${1x}"`))).toMatch(/6:20: \$\{1x\} is not a variable/)
  })

  it('is only warned of in a stream that is not active, with all else still checked', async () => {
    const text = withOptions(`GROUP_ID: \${G}\nPASSWORD_FILE: absent.txt`, 'False')
    const { config } = await load(text)
    expect(config?.streams).toEqual([])
    expect(config?.warnings).toHaveLength(2)
    expect(config?.warnings[0]).toMatch(/a\.yaml:6:17: the environment variable G is not set/)
    expect(await problemsOf(text.replace('PASSWORD_FILE', 'PASWORD_FILE'))).toContain('did you mean PASSWORD_FILE?')
  })
})

describe('a secret', () => {
  it('is collected, with what was put into it', async () => {
    const { options, secrets } = await optionsOf(`GROUP_ID: g\nPASSWORD: canary-\${PART}`, { PART: 'in-a' })
    expect(options.PASSWORD).toBe('canary-in-a')
    expect(secrets).toEqual(expect.arrayContaining(['canary-in-a', 'in-a']))
  })

  it('of digits stays as it was written', async () => {
    expect((await optionsOf('GROUP_ID: g\nPASSWORD: 00420')).options.PASSWORD).toBe('00420')
  })

  it('may come from a file beside the YAML file', async () => {
    const text = withOptions('GROUP_ID: g\nPASSWORD_FILE: run/secret.txt')
    const config = await goodConfig({ 'a.yaml': text, 'run/secret.txt': 'canary in a\n' })
    expect((onlyStream(config).make(setupOf(config)) as QuietStream).options.PASSWORD).toBe('canary in a')
    expect(config.secrets).toContain('canary in a')
    expect(await problemsOf(text)).toMatch(/the file run\/secret\.txt of PASSWORD_FILE cannot be read/)
  })

  it('is never shown, wherever a problem stands', async () => {
    const problems = await problemsOf(`
ALERT_STREAMS:
  - { NAME: QuietStream, OPTIONS: { PASSWORD: canary42, GROUP_ID: [x], TOPIC_HANDLERS: { a: canary42 } } }
  - NAME: Nonsense
    OPTIONS:
      CLIENT_SECRET: |
        canary42
        second
      SASL_PASSWRD: canary42 # and more
      TOPIC_HANDLERS: { 'secret.token': ./pass.ts, a: ./pass.ts }
  - { NAME: Nonsense, OPTIONS: { API_KEYS: [canary42], X: "a\${" } }
`)
    expect(problems.replace(/handler canary42|a: canary42/g, '')).not.toContain('canary42')
    expect(problems).toContain('there is no handler ***')
    expect(problems).toContain(
      '| - { NAME: QuietStream, OPTIONS: { PASSWORD: ***, GROUP_ID: [x],'.replace('| -', '|   -')
    )
  })
})
