import { setTimeout as sleep } from 'node:timers/promises'
import type { Handler } from '../../src/index.ts'

/** How many calls are under way; the parent process is told when that changes. */
let calls = 0
let told = 0
const failedOnce = new Set<string>()

if (process.send !== undefined) {
  setInterval(() => {
    if (calls === told || !process.connected) return
    told = calls
    process.send?.({ calls })
  }, 20).unref()
  // A listener would keep the process alive; and without its parent it must not go on.
  process.on('disconnect', () => process.exit(70))
  process.channel?.unref()
}

// The limit of file size that stands for a full disk comes with a signal, which ends a process that does not listen.
process.on('SIGXFSZ', () => {})

/** Takes up to 10 ms, another time for each alert, and does what the alert's header says. */
export const obey: Handler = async (alert) => {
  calls++
  try {
    const number = alert.header('n')!
    await sleep((Number(number) * 7919) % 11)
    switch (alert.header('fate')) {
      case 'throws':
        throw new Error(`alert ${number} is one that cannot be handled`)
      case 'hangs':
        return await new Promise<never>(() => {})
      case 'flaky':
        if (failedOnce.has(number)) break
        failedOnce.add(number)
        throw new TypeError(`alert ${number} fails the first time`)
      default:
        await alert.payload()
    }
    return alert
  } finally {
    calls--
  }
}
