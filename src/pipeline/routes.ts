import type { Route } from '../contract/route.ts'
import { bestKey } from '../contract/topics.ts'

/** Topic to route; each topic is looked up once. */
export class Routes {
  readonly #routes: ReadonlyMap<string, Route>
  readonly #keys: readonly string[]
  readonly #known = new Map<string, Route | undefined>()

  constructor(routes: readonly Route[]) {
    this.#routes = new Map(routes.map((route) => [route.key, route]))
    this.#keys = routes.map((route) => route.key)
  }

  find(topic: string): Route | undefined {
    if (this.#known.has(topic)) return this.#known.get(topic)
    const key = bestKey(topic, this.#keys)
    const route = key === undefined ? undefined : this.#routes.get(key)
    this.#known.set(topic, route)
    return route
  }
}
