/** What a person is writing in a thread. No word of it is lost when they change an older message, or
 *  take one up again. */

export interface Writing {
  text: string
  replyTo: string | null
  /** The message that is being changed, as it was on the screen. */
  editing: { id: string; seq: number } | null
  /** What stood in the box before that: it comes back. */
  aside: { text: string; replyTo: string | null } | null
}

export const NOTHING: Writing = { text: '', replyTo: null, editing: null, aside: null }

/** Change a message: its words are in the box. */
export function changing(now: Writing, editing: NonNullable<Writing['editing']>, text: string): Writing {
  const { aside, replyTo } = now
  return { text, replyTo: null, editing, aside: aside ?? { text: now.text, replyTo } }
}

/** Answer a message. A change that was begun ends. */
export function replying(now: Writing, replyTo: string): Writing {
  return { ...(now.editing ? stopped(now) : now), replyTo }
}

/** Without the change, or without the reply. */
export function stopped(now: Writing): Writing {
  return now.editing ? { ...NOTHING, ...now.aside } : { ...now, replyTo: null }
}

/** Words of a message that has not gone out come back into the box. */
export function takenUp(now: Writing, text: string, replyTo: string | null): Writing {
  const before = now.editing ? stopped(now) : now
  return { ...before, text: joined(before.text, text), replyTo: replyTo ?? before.replyTo }
}

/** What is left once `sent` is stored: what was set aside, and what was typed meanwhile. */
export function after(now: Writing, sent: Writing): Writing {
  const typed = now.text.startsWith(sent.text) ? now.text.slice(sent.text.length).trimStart() : now.text
  const left = { ...NOTHING, ...sent.aside }
  return { ...left, text: joined(left.text, typed) }
}

export function isNothing({ text, replyTo, editing }: Writing): boolean {
  return !text && !replyTo && !editing
}

function joined(...texts: readonly string[]): string {
  return texts.filter(Boolean).join('\n')
}
