import { signal } from '@preact/signals'

/** `none`: this browser or server has no pushes. `home`: an iPhone has them only on the home screen.
 *  `denied`: the phone's settings forbid them. `waits`: on, as soon as there is a connection.
 *  `stopped`: they were on, and have ended without the person's doing. */
export type PushState = 'none' | 'home' | 'denied' | 'off' | 'busy' | 'on' | 'waits' | 'stopped'

/** Pushes to this browser; push.ts knows. */
export const pushState = signal<PushState>('off')
