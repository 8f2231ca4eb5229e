import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { loadConfig, sourcesPage } from '../../src/config/index.ts'
import { streams } from '../../src/streams/index.ts'
import { root } from './blocks.ts'
import { Workshop } from './workshop.ts'

const page = readFileSync(join(root, 'docs/sources.md'), 'utf8')
/** By heading, without what lies below subheadings. */
const sections = new Map(page.split(/^##+ /m).map((text) => [text.slice(0, text.indexOf('\n')), text]))

const workshop = new Workshop()
afterAll(() => workshop.remove())

interface Example {
  readonly ALERT_STREAMS: readonly { readonly NAME: string; readonly OPTIONS: Readonly<Record<string, unknown>> }[]
}

function exampleOf(heading: string): Example {
  const [, text] = /^```yaml\n(.*?)^```$/ms.exec(sections.get(heading) ?? '') ?? []
  return parse(text ?? '') as Example
}

/** As somebody has it who has no credentials yet: checked, not run. */
async function problemsOf(heading: string): Promise<string | undefined> {
  const { ALERT_STREAMS, ...rest } = exampleOf(heading)
  const inactive = { ...rest, ALERT_STREAMS: ALERT_STREAMS.map((stream) => ({ ...stream, ACTIVE: false })) }
  const { problems } = await loadConfig([workshop.write(`${heading}.yaml`, stringify(inactive))], { env: {} })
  return problems
}

describe('docs/sources.md', () => {
  test('has the options as they are (scripts/write-reference.ts writes them)', () => {
    expect(sourcesPage(page)).toBe(page)
  })

  describe.for(Object.keys(streams))('%s', (name) => {
    test('has a section with credentials, options and a link to it', () => {
      const section = sections.get(name)
      expect(section).toBeDefined()
      expect(section).toMatch(/credential|permission|account/i)
      expect(section).toMatch(new RegExp(`<!-- options of ${name}[ ,].*-->\\n\\n[^<]*(\\| Option|has the options)`))
      expect(page).toContain(`](#${name.toLowerCase()})`)
    })

    test('has an example that loads with nothing set in the environment', async () => {
      expect(exampleOf(name).ALERT_STREAMS.map(({ NAME }) => NAME)).toEqual([name])
      expect(await problemsOf(name)).toBeUndefined()
    })
  })

  test('AMPEL, which is read through Hopskotch, has an example too', async () => {
    const [stream] = exampleOf('AMPEL').ALERT_STREAMS
    expect(stream!.NAME).toBe('HopskotchAlertStream')
    expect(await problemsOf('AMPEL')).toBeUndefined()
  })
})
