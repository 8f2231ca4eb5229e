export { DEFAULT_FILE, type Loaded, type LoadSettings, loadConfig } from './load.ts'
