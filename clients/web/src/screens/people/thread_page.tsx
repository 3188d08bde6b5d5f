import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Unreachable, type EntryOf } from 'handrail'
import { ownFile, readFiles, sendAgain } from '../../again.ts'
import { hasEnded, isLeaving, pairName } from '../../model/conversations.ts'
import { cardId } from '../../model/ids.ts'
import { blockedCards, initials, isLeading, others } from '../../model/members.ts'
import { inOrder, newest, readUpTo, said, unread, type Message, type Said } from '../../model/messages.ts'
import { currentRound, hasShared, isOpen } from '../../model/rounds.ts'
import type { Writing } from '../../model/writing.ts'
import { entries, isOffline, phone, status } from '../../phone.ts'
import { type Press, usePress } from '../../press.ts'
import { copy } from '../../shell/copy.ts'
import { hiddenMode } from '../../shell/hide.tsx'
import { announce } from '../../shell/live.tsx'
import { href } from '../../shell/router.ts'
import { toTitle } from '../../shell/step.ts'
import { counted, t } from '../../text/text.ts'
import { dutyAt } from '../../model/duty.ts'
import { holdings } from './holdings.ts'
import { toBox } from './composer.tsx'
import { fateOf, type MessageActs } from './message.tsx'
import { excerpt, NoThread, Thread, type Question } from './thread.tsx'
import { useComposer } from './use_composer.ts'
import { asOf, audience, reads } from './words.ts'

/** How many messages are on the page a moment after the first frame, and how many more each time. */
const PAGE = 40
const NONE: readonly Message[] = []
/** What was said leaves the feed after 180 days. In a younger group nothing can be older. */
const IN_FEED_MS = 179 * 24 * 3_600_000

export function ThreadPage({ scope }: { scope: string }) {
  const group = entries('group', scope)[0]
  const pair = entries('pair', scope)[0]
  if (!group && !pair) return <NoThread />
  return <OpenThread key={scope} scope={scope} group={group} pair={pair} />
}

interface OpenProps {
  scope: string
  group: EntryOf<'group'> | undefined
  pair: EntryOf<'pair'> | undefined
}

function OpenThread({ scope, group, pair }: OpenProps) {
  const held = holdings()
  const mine = cardId(held.user, scope)
  const cards = entries('member_card', scope)
  const peers = others(cards, mine)
  const name = group ? group.doc.name : pairName(pair!, held)
  const blocked = blockedCards(held.blocks)
  const offline = isOffline()
  const here = entries('message', scope)
  const older = useOlder(scope, here)
  const all = useMemo(() => inOrder(older.entries.length ? [...older.entries, ...here] : here), [older.entries, here])
  const asSaid = (messages: readonly Message[]) =>
    said({ scope, messages, mine, blocked, offline, outbox: held.outbox, notSent: held.notSent, fate: (uuid) => phone().fate(uuid) })
  const shown = asSaid(all.slice(-older.count))
  const upTo = readUpTo(scope, held.markers, held.outbox)
  const [newFrom] = useState(() => unread(here, upTo, mine, blocked)[0]?.id ?? null)
  useMarkRead(scope, newest(here, upTo))
  useArrivals(shown, cards)
  useFate(shown)

  const composer = useComposer(scope)
  const meant = composer.draft.editing?.id ?? composer.draft.replyTo
  const [ask, setAsk] = useState<Question | null>(null)
  const [press, full] = usePress()
  // The same ones each time, since a message that has not changed is not drawn again.
  const [acts] = useState(() => actsOf(scope, composer, press, setAsk))
  const leaders = peers.filter(isLeading).map((card) => card.doc.alias)
  const members = peers.filter((card) => !isLeading(card))
  const isOver = pair !== undefined && hasEnded(pair, held.connections)
  const closed = isOver ? t('thread.ended') : isLeaving(scope, held.outbox) ? t('people.leaving') : null
  return (
    <Thread
      kind={group ? 'group' : 'pair'}
      name={hiddenMode.value ? initials(name) : name}
      audience={group ? audience('thread.see', members.length, leaders) : t('thread.see_pair', { name })}
      ways={ways(scope, mine, group !== undefined)}
      said={shown}
      cards={cards}
      newFrom={newFrom}
      earlier={older.state(all.length, Date.parse(group ? group.doc.opened_at : pair!.doc.opened_at))}
      onEarlier={() => older.more(all.length)}
      loading={held.loading.includes(scope)}
      offline={offline}
      typing={offline ? [] : typing(scope, mine, cards, blocked)}
      asOf={asOf(status.value)}
      acts={acts}
      full={full}
      ask={ask}
      closed={closed}
      composer={{
        name,
        kind: group ? 'group' : 'pair',
        text: composer.draft.text,
        onText: composer.typed,
        onSend: () => void composer.send(),
        files: composer.files,
        onPicture: (file) => void composer.picture(file),
        onTakeOff: composer.takeOff,
        recording: composer.recording,
        canAttach: composer.draft.editing === null,
        canRecord: composer.canRecord,
        onRecord: () => void composer.record(),
        onRecorded: (keep) => void composer.recorded(keep),
        trouble: composer.trouble,
        working: composer.working,
        about: aboutOf(composer.draft, asSaid(all.filter(({ id }) => id === meant)), cards),
        onForget: composer.stop,
        found: composer.found,
        whom: group ? counted('warn.people', peers.length) : name,
        onAnyway: () => void composer.send(true),
        onTakeOut: composer.takeOutFound,
        hours: group ? reads(dutyOf(group), leaders) : t('thread.right_now'),
      }}
    />
  )
}

function ways(scope: string, mine: string, isGroup: boolean) {
  const who = { title: t('members.title'), href: href('members', { scope }) }
  if (!isGroup) return [who]
  const round = currentRound(entries('round', scope))
  const hint = isOpen(round) ? t(hasShared(round, entries('round_line', scope), mine) ? 'people.round_done' : 'people.round_yours') : undefined
  return [
    { title: t('members.round'), href: href('round', { scope }), hint },
    who,
    { title: t('members.rules'), href: href('rules', { scope }) },
  ]
}

/** Null where the programme's document is not here. */
function dutyOf(group: EntryOf<'group'>) {
  const programme = entries('programme', `program:${group.doc.programme}`)[0]?.doc
  return programme ? dutyAt(phone().now(), programme.staffed_hours, programme.time_zone) : null
}

function typing(scope: string, mine: string, cards: EntryOf<'member_card'>[], blocked: Set<string>): string[] {
  return phone()
    .ephemerals(scope)
    .filter(({ kind }) => kind === 'typing')
    .map(({ data }) => (data as { member?: string }).member ?? '')
    .filter((member) => member !== mine && !blocked.has(member))
    .flatMap((member) => cards.find((card) => card.id === member)?.doc.alias || [])
}

function aboutOf(
  { replyTo, editing }: Writing,
  all: readonly Said[],
  cards: readonly EntryOf<'member_card'>[],
) {
  if (editing) {
    const changed = all.find((each) => each.id === editing.id)
    return { title: t('thread.editing'), text: changed ? excerpt(changed) : '' }
  }
  if (replyTo === null) return null
  const answered = all.find((each) => each.id === replyTo)
  if (!answered) return { title: t('thread.reply'), text: t('thread.quote_gone') }
  const alias = cards.find((card) => card.id === answered.author)?.doc.alias || t('people.someone')
  const title = answered.author === null ? t('thread.replying_self') : t('thread.replying', { name: alias })
  return { title, text: excerpt(answered) }
}

function actsOf(
  scope: string,
  composer: ReturnType<typeof useComposer>,
  press: Press,
  setAsk: (ask: Question | null) => void,
): MessageActs {
  const withdraw = scope.startsWith('group:') ? 'groups.withdraw_message' : 'alumni.withdraw_message'
  const asked = (about: Question['about'], yes: () => Promise<unknown>) =>
    setAsk({
      about,
      onYes: () => {
        setAsk(null)
        void press(yes).then(toTitle)
      },
      onNo: () => setAsk(null),
    })

  /** Out of the outbox, or out of what was refused, and back into the box. */
  async function takeUp({ act, text, replyTo }: Said): Promise<boolean> {
    const files = await readFiles(act!)
    const isRefused = act!.state === 'refused'
    if (!isRefused && !(await phone().takeBack(act!.uuid))) return false
    composer.takeUp(text, replyTo, files.map(({ bytes }) => bytes))
    if (isRefused) await phone().dismiss(act!.uuid)
    toBox()
    return true
  }

  async function takeBack(said: Said) {
    // What has never left this phone only has to be forgotten here.
    const isHere = said.entry?.seq === null && said.act !== null && !said.act.tried
    if (!isHere || !(await takeUp(said))) asked('back', () => phone().act(withdraw, { message: said.id }))
  }

  async function edit(said: Said) {
    const { entry, act } = said
    const seq = said.why === null ? entry?.seq : null
    if (seq == null) await takeUp(said)
    else {
      composer.edit({ id: said.id, seq }, said.text)
      if (act?.state === 'refused') await phone().dismiss(act.uuid)
    }
  }

  return {
    onReply: (said) => composer.reply(said.id),
    onCopy: (said) => void copy(said.text),
    onEdit: (said) => void press(() => edit(said)),
    onTakeBack: (said) => void press(() => takeBack(said)),
    onAgain: (said) => void press(() => sendAgain(said.act!)).then(toTitle),
    onDelete: (said) => {
      if (said.entry) void press(() => phone().dismiss(said.act!.uuid)).then(toTitle)
      else asked('delete', () => phone().dismiss(said.act!.uuid))
    },
    bothHref: (uuid) => href('both', { uuid }),
    load: (said, sha256) => (said.entry ? phone().file(said.entry, sha256) : ownFile(scope, sha256)),
  }
}

/** How many of the last messages surely fill what the bars leave of the screen: they are drawn before the
 *  first frame. In pixels, at the least that each takes. */
function screenful(messages: readonly Message[]): number {
  const width = Math.min(innerWidth, 578) - 76
  let [count, height] = [0, 0]
  while (height < innerHeight - 120 && count < PAGE) {
    count += 1
    const text = messages.at(-count)?.doc.text ?? ''
    height += 70 + 25 * Math.floor((text.length * 7) / width)
  }
  return count
}

/** What has left the feed is read page by page and not stored. */
function useOlder(scope: string, here: readonly Message[]) {
  const [count, setCount] = useState(() => screenful(here))
  const [pages, setPages] = useState<{ entries: Message[]; next: string[] | null } | null>(null)
  const [state, setState] = useState<'still' | 'getting' | 'offline'>('still')
  const fromEnd = useRef<number | null>(null)
  const page = document.documentElement

  // What is looked at stays where it is: not every browser sees to that.
  function grow(by: number) {
    fromEnd.current = page.scrollHeight - scrollY
    setCount((before) => before + by)
  }
  useLayoutEffect(() => {
    if (fromEnd.current !== null) scrollTo(0, page.scrollHeight - fromEnd.current)
    fromEnd.current = null
  }, [count])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const frame = requestAnimationFrame(() => (timer = setTimeout(() => grow(PAGE - count))))
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [])

  async function fetch() {
    setState('getting')
    try {
      const { entries, next } = await phone().older(scope, 'message', pages?.next ?? null, PAGE)
      setPages({ entries: [...(entries as Message[]), ...(pages?.entries ?? [])], next })
      grow(entries.length)
      setState('still')
    } catch (error) {
      if (!(error instanceof Unreachable)) console.error(error)
      setState('offline')
    }
  }
  return {
    entries: pages?.entries ?? NONE,
    count,
    state: (all: number, since: number) => {
      if (state !== 'still') return state
      const couldBeOlder = pages === null ? since < phone().now() - IN_FEED_MS : pages.next !== null
      return Math.max(count, PAGE) < all || couldBeOlder ? ('more' as const) : ('begin' as const)
    },
    more: (all: number) => {
      if (count < all) grow(PAGE)
      else void fetch()
    },
  }
}

/** What is on the screen and looked at has been read. */
function useMarkRead(scope: string, seq: number | null): void {
  useEffect(() => {
    const mark = () => {
      if (seq === null || document.visibilityState !== 'visible') return
      const [kind, id] = scope.split(':') as ['group' | 'pair', string]
      const marked =
        kind === 'group'
          ? phone().act('groups.mark_read', { group: id, seq })
          : phone().act('alumni.mark_read', { pair: id, seq })
      marked.catch(() => {}) // a full phone: it stays unread
    }
    mark()
    document.addEventListener('visibilitychange', mark)
    return () => document.removeEventListener('visibilitychange', mark)
  }, [scope, seq])
}

/** New words of others are read out once. */
function useArrivals(all: readonly Said[], cards: readonly EntryOf<'member_card'>[]): void {
  const last = all.findLast((each) => each.author !== null && each.fate === 'sent')
  const known = useRef(last?.id)
  useEffect(() => {
    if (last && last.id !== known.current) {
      const who = cards.find((card) => card.id === last.author)?.doc.alias || t('people.someone')
      announce(t('people.said', { who, text: excerpt(last) }))
    }
    known.current = last?.id
  }, [last?.id])
}

/** What becomes of my newest words is read out once. */
function useFate(all: readonly Said[]): void {
  const mine = all.findLast((each) => each.author === null)
  const words = mine && fateOf(mine)
  const known = useRef({ id: mine?.id, words })
  useEffect(() => {
    // What another phone of mine has sent is no news.
    const isFromElsewhere = mine?.id !== known.current.id && mine?.fate === 'sent'
    if (words && words !== known.current.words && !isFromElsewhere) announce(words)
    known.current = { id: mine?.id, words }
  }, [mine?.id, words])
}
