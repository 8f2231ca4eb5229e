/**
 * What no user can do anything about: kafkajs sets timers with a negative delay, Node wants a package.json beside every
 * handler, and Google's client looks for credentials where only machines of Google's have any.
 */
const HARMLESS = ['TimeoutNegativeWarning', 'MODULE_TYPELESS_PACKAGE_JSON', 'MetadataLookupWarning']

/** Node prints its warnings as before, without the harmless ones. */
export function hideHarmlessWarnings(): void {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    const code = 'code' in warning ? String(warning.code) : ''
    if (HARMLESS.includes(warning.name) || HARMLESS.includes(code)) return
    for (const print of printers) print.call(process, warning)
  })
}
