export { DedupeStore } from './store.ts'
