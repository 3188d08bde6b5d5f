/** What the app must know before it is opened, and what says nothing about anyone: language,
 *  light or dark, hidden mode, the name on the home screen, little data. Everything else is sealed, with
 *  `phone.keep`. */
export type Setting = 'language' | 'scheme' | 'hidden_mode' | 'unsent' | 'name' | 'install_asked' | 'save_data'

/** A browser may refuse its storage to a page; then the setting lasts as long as the page. */
export function remember(name: Setting, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, value)
  } catch {
    // It holds until the page closes.
  }
}

export function recall(name: Setting): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}
