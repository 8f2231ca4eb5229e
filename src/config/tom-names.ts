/** Handlers of the TOM world by the names of ours that do the same. (Stream classes list theirs in `tomNames`.) */
export const tomHandlers: Readonly<Record<string, string>> = {
  'tom_alertstreams.alertstreams.hopskotch.heartbeat_handler': 'heartbeat',
  'tom_alertstreams.alertstreams.hopskotch.alert_logger': 'log',
  'tom_alertstreams.alertstreams.gcn.alert_logger': 'log'
}

/** True for a Python import path: `package.module.name`. */
export function isDotted(name: string): boolean {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name)
}
