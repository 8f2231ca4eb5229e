import { setTimeout as sleep } from 'node:timers/promises'
import { anyMember, type Kind } from '../bench.ts'

/** SIGKILL, and a successor after up to 2 s. */
const kill: Kind = {
  name: 'kill',
  async apply(bench) {
    const life = anyMember(bench)
    await bench.members.kill(life)
    const away = bench.random.integer(0, 2000)
    await sleep(away)
    bench.members.start(bench.members.slotOf(life))
    return `SIGKILL of member ${life.member}, back after ${away} ms`
  }
}

/** All members at once: nobody is left to take over. */
const killAll: Kind = {
  name: 'kill-all',
  async apply({ members }) {
    const lives = members.alive
    await Promise.all(lives.map((life) => members.kill(life)))
    for (const life of lives) members.start(members.slotOf(life))
    return `SIGKILL of all ${lives.length} members`
  }
}

/** All at once, with their hands full: what they have taken waits for a slow sink. */
const killBusy: Kind = {
  name: 'kill-busy',
  async apply({ cluster, members, feed }) {
    cluster.sink.delay(400)
    await feed.burst(
      ...(['plain', 'deduped', 'files'] as const).map((topic) => ({ topic, fate: 'plain' as const, count: 100 }))
    )
    await sleep(600)
    const lives = members.alive
    await Promise.all(lives.map((life) => members.kill(life)))
    cluster.sink.heal()
    for (const life of lives) members.start(members.slotOf(life))
    return `SIGKILL of all ${lives.length} members while they waited for a slow sink`
  }
}

const term: Kind = {
  name: 'term',
  async apply(bench) {
    const life = anyMember(bench)
    const start = Date.now()
    await bench.members.terminate(life)
    bench.members.start(bench.members.slotOf(life))
    return `SIGTERM of member ${life.member}: ended after ${Date.now() - start} ms with ${life.signal ?? life.code}`
  }
}

/** Longer than the session: its partitions go to others, and it wakes up with its hands full. */
const stop: Kind = {
  name: 'stop',
  async apply(bench) {
    const { members } = bench
    if (members.alive.length < 2) members.start()
    const life = anyMember(bench)
    const ms = bench.random.integer(8000, 11_000)
    life.child.kill('SIGSTOP')
    await sleep(ms)
    life.child.kill('SIGCONT')
    return `SIGSTOP of member ${life.member} for ${ms} ms`
  }
}

/** One joins and, once it has its part, another leaves for good. */
const joinAndLeave: Kind = {
  name: 'join-leave',
  async apply(bench) {
    const { members, random } = bench
    if (members.alive.length === 3) await members.terminate(anyMember(bench))
    const newcomer = members.start()
    const { member } = newcomer
    // Before it has set up its signals, SIGTERM is no orderly end to any program.
    while (!newcomer.ready && !newcomer.ended) await sleep(50)
    await sleep(random.integer(0, 3000))
    const life = anyMember(bench)
    await members.terminate(life)
    if (members.alive.length < 2) members.start()
    return `member ${member} joined, member ${life.member} left with ${life.signal ?? life.code}`
  }
}

export const processKinds: readonly Kind[] = [kill, killAll, killBusy, term, stop, joinAndLeave]
