import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Clock } from '../../src/archive/pace.ts'
import type { Message } from '../../src/contract/alert.ts'
import type { StreamSetup } from '../../src/contract/stream.ts'
import type { ArchiveOptions } from '../../src/archive/fields.ts'
import { ArchiveAlertStream } from '../../src/streams/archive.ts'
import { RecordingLog } from '../contract/log.ts'
import { TestRoom } from '../contract/room.ts'
import { streamSetup } from '../contract/stream-bench.ts'
import { archiveOptions } from '../harnesses/archive.ts'

/** A folder to replay from. */
export class Archive {
  readonly folder = mkdtempSync(join(tmpdir(), 'archive-'))
  readonly log = new RecordingLog()

  write(name: string, bytes: Uint8Array | string): string {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    return path
  }

  /**
   * All messages, each acknowledged when it comes; `failure`: what `read` threw behind them. `meanwhile` is called when the
   * files are listed and none is read.
   */
  async replay(
    options: Partial<ArchiveOptions> = {},
    over: Partial<StreamSetup> & { readonly clock?: Clock; readonly meanwhile?: () => void } = {}
  ): Promise<{ readonly messages: readonly Message[]; readonly failure: unknown }> {
    const { clock, meanwhile, ...setup } = over
    const room = new TestRoom()
    const stream = new ArchiveAlertStream(
      archiveOptions({ PATH: ['.'], ...options }),
      streamSetup({ baseDir: this.folder, log: this.log, room, ...setup }),
      clock
    )
    await stream.connect(AbortSignal.timeout(10_000))
    meanwhile?.()
    const messages: Message[] = []
    let failure: unknown
    try {
      for await (const batch of stream.read(AbortSignal.timeout(60_000))) {
        for (const delivery of batch) {
          messages.push(delivery.message)
          room.release(delivery.message.size)
          delivery.ack()
        }
      }
    } catch (error) {
      failure = error
    }
    await stream.close()
    return { messages, failure }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

export function textsOf(messages: readonly Message[]): string[] {
  return messages.map(({ bytes }) => Buffer.from(bytes ?? []).toString())
}

export function idsOf(messages: readonly Message[]): string[] {
  return messages.map(({ id }) => id)
}
