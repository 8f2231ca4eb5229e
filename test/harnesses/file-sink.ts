import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/archive/message-line.ts'
import { FileSink } from '../../src/sinks/file.ts'
import { type SinkHarness, sinkSetup } from '../contract/sink-bench.ts'

type Options = ConstructorParameters<typeof FileSink>[0]

const NONE = {
  FORMAT: 'messages',
  ROTATE_BYTES: undefined,
  ROTATE: undefined,
  KEY_FILE: undefined,
  PROJECT: undefined,
  TESTID: undefined
} as const

/** A folder that can be taken away and put back: root may write where it has no right to. */
async function folderStage(format: Options['FORMAT']) {
  const root = await mkdtemp(join(tmpdir(), 'file-sink-'))
  const folder = join(root, 'out')
  const path = join(folder, format === 'raw' ? '{topic}' : '{topic}.ndjson')
  return {
    folder,
    topic: 'a.topic',
    open: (over: object) => new FileSink({ ...NONE, PATH: path, FORMAT: format }, sinkSetup(over)),
    async breakTarget() {
      await rename(folder, `${folder}.away`).catch(() => {})
      await writeFile(folder, 'in the way')
    },
    async mendTarget() {
      await rm(folder)
      await rename(`${folder}.away`, folder).catch(() => {})
    },
    tearDown: () => rm(root, { recursive: true })
  }
}

/** Lines of messages. */
export const fileSinkOfMessages: SinkHarness = {
  promises: { ordered: true, keepsKey: true, keepsHeaders: true, keepsNull: true, breaks: true, rejects: true },
  async setUp() {
    const stage = await folderStage('messages')
    return {
      ...stage,
      impossible: () => ({ topic: stage.topic, value: () => 'a function' }),
      async written(topic) {
        const text = await readFile(join(stage.folder, `${topic}.ndjson`), 'utf8')
        return text
          .split('\n')
          .slice(0, -1)
          .map((line) => messageOf(line, { id: '', topic: '' }))
      }
    }
  }
}

/** A file a message. */
export const fileSinkOfRawFiles: SinkHarness = {
  promises: { ordered: false, keepsKey: false, keepsHeaders: false, keepsNull: false, breaks: true, rejects: true },
  async setUp() {
    const stage = await folderStage('raw')
    return {
      ...stage,
      impossible: () => ({ topic: stage.topic, value: Symbol('no JSON') }),
      async written(topic) {
        const folder = join(stage.folder, topic)
        const names = (await readdir(folder)).sort()
        const contents = await Promise.all(names.map((name) => readFile(join(folder, name))))
        return contents.map((bytes) => ({ key: null, headers: [], bytes }))
      }
    }
  }
}
