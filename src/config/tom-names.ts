/** Handlers of the TOM world by the names of ours that do the same. (Stream classes list theirs in `tomNames`.) */
export const tomHandlers: Readonly<Record<string, string>> = {
  'tom_alertstreams.alertstreams.hopskotch.heartbeat_handler': 'heartbeat',
  'tom_alertstreams.alertstreams.hopskotch.alert_logger': 'log',
  'tom_alertstreams.alertstreams.gcn.alert_logger': 'log',
  // Named by the README of tom-alertstreams, and not there.
  'tom_alertstreams.alertstreams.alertstream.alert_logger': 'log',
  'tom_fink.alertstream.alert_logger': 'log',
  'tom_dataproducts.alertstreams.hermes.hermes_alert_handler': 'hermes-alert'
}

/** Ours for a handler of the TOM world, whether it is there yet or not. */
export function handlerForTom(name: string): string | undefined {
  return Object.hasOwn(tomHandlers, name) ? tomHandlers[name] : undefined
}

/** True for a Python import path: `package.module.name`. */
export function isDotted(name: string): boolean {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name)
}
