import { recall, remember } from './settings.ts'

/** Use little data: no open line to the server. What the person chose here, else what the phone
 *  itself is set to. */
export function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } }
  const chosen = recall('save_data')
  return chosen === null ? Boolean(connection?.saveData) : chosen === 'on'
}

export function saveData(on: boolean): void {
  remember('save_data', on ? 'on' : 'off')
}
