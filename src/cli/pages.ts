import type { App } from '../app.ts'
import type { Logger } from '../contract/log.ts'
import { hider } from '../observe/log.ts'

/** Serves the state of a run; what only the pages need is loaded now. */
export async function servePages(
  address: { readonly host: string; readonly port: number },
  app: App,
  log: Logger,
  secrets: readonly string[]
): Promise<{ close(): Promise<void> }> {
  const [{ serveState }, { Metrics }] = await Promise.all([
    import('../observe/http.ts'),
    import('../observe/metrics.ts')
  ])
  const metrics = new Metrics(app)
  const shown = {
    account: app.account,
    metrics,
    get readiness() {
      return app.readiness
    }
  }
  return serveState(address, shown, log, hider(secrets))
}
