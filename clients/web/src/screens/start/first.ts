/** The first day as this phone has it: what is kept, and what is still to be answered. */

import { computed } from '@preact/signals'
import { entries, kept, phone, refused } from '../../phone.ts'
import { dayOf, noonOf } from '../../model/days.ts'
import type { First } from '../../model/first_day.ts'
import { filled, groupForm, openInvitations, openNotice, openRecoveries } from '../../model/promises.ts'
import { language } from '../../text/text.ts'

const NAME = 'first'

export const first = computed<First>(() => kept<First>(NAME) ?? {})

/** Two changes may follow each other closely, so each begins with what is kept by then. */
export function keepFirst(change: (before: First) => Partial<First>): Promise<void> {
  const before = phone().kept<First>(NAME) ?? {}
  return phone().keep(NAME, { ...before, ...change(before) })
}

/** Not now: it is not asked for again, and waits on Today. */
export function askLater(id: string): Promise<void> {
  return keepFirst(({ later = [] }) => ({ later: [...later, id] }))
}

/** YYYY-MM-DD where this phone is. */
function today(): string {
  return dayOf(Date.now())
}

export const notice = computed(() =>
  openNotice(
    entries('notice'), entries('notice_request'), entries('notice_acknowledgement'), language.value, today(),
  ),
)

/** Before the notice is acknowledged, the server refuses every answer to them. */
export const invitations = computed(() => {
  const acknowledged = entries('notice_acknowledgement').some(({ doc }) => doc.answer === 'acknowledged')
  return acknowledged && form.value ? openInvitations(entries('group_invitation')) : []
})

export const form = computed(() => groupForm(entries('consent_form'), language.value, today()))

export const recoveries = computed(() => openRecoveries(entries('account_recovery'), phone().now()))

/** With its year: the law asks for the date of a notice. */
function dateIn(locale: string, day: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(noonOf(day))
}

/** The notice's texts with its blanks filled in. */
export function noticeWords({ notice: { doc }, names }: NonNullable<typeof notice.value>) {
  const effective_on = dateIn(doc.locale, doc.effective_on)
  const fill = (text: string) => filled(text, { effective_on, ...names }, doc.locale)
  const { title, heading, sections, acknowledge, decline } = doc.content
  return {
    lang: doc.locale,
    title: fill(title),
    heading: fill(heading),
    sections: sections.map((section) => ({
      id: section.id,
      title: fill(section.title),
      body: section.body === undefined ? undefined : fill(section.body),
      list: section.list?.map(fill),
    })),
    acknowledge: fill(acknowledge),
    decline: fill(decline),
  }
}
export type NoticeWords = ReturnType<typeof noticeWords>

/** The form's texts with the names of this invitation. */
export function formWords(invitation: (typeof invitations.value)[number]) {
  const { doc } = form.value!
  const names = { programme: invitation.doc.programme_name, group: invitation.doc.group_name }
  const fill = (text: string) => filled(text, names, doc.locale)
  const { elements, ...texts } = doc.content
  return { lang: doc.locale, ...mapped(texts, fill), elements: mapped(elements, fill) }
}
export type FormWords = ReturnType<typeof formWords>

function mapped<T extends Record<string, string>>(texts: T, fill: (text: string) => string): T {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)])) as T
}

/** Why the server did not take the last answer to this invitation: a code. */
export function whyNotJoined(id: string): string | null {
  return refused('groups.join', (args) => args.invitation === id)?.result?.code ?? null
}

export function whyNotAcknowledged(): string | null {
  return refused('privacy.acknowledge_notice', () => true)?.result?.code ?? null
}

/** The person answers again: the refusal before has been read. */
export async function forgetRefusal(action: 'groups.join' | 'privacy.acknowledge_notice', id?: string): Promise<void> {
  const before = refused(action, (args) => id === undefined || args.invitation === id)
  if (before) await phone().dismiss(before.uuid)
}
