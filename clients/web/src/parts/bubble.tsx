import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Icon, type IconName } from './icons.tsx'
import { Face } from './face.tsx'

/** `gone`: taken back, hidden or removed. There is no sixth. */
export type BubbleFate = 'sent' | 'sending' | 'waiting' | 'notsent' | 'gone'

interface BubbleProps {
  children: ComponentChildren
  fate?: BubbleFate | undefined
  /** The fate in words: "Sent, 9:12 PM", "Not sent. The picture is too big." */
  words?: ComponentChildren
  /** Who said it. Without, it is mine. */
  who?: string | undefined
  avatar?: string | undefined
  tone?: 'act' | 'wait' | 'good' | undefined
  at?: ComponentChildren
  /** `<Menu>` with what can be done. */
  menu?: ComponentChildren
  buttons?: ComponentChildren
}

const MARKS = { waiting: 'clock', notsent: 'warning' } as const

export function Bubble({ children, fate, words, who, avatar, tone, at, menu, buttons }: BubbleProps) {
  const mark = fate === 'waiting' || fate === 'notsent' ? MARKS[fate] : null
  return (
    <div class={who === undefined ? 'said mine' : 'said'}>
      {who !== undefined && (
        <p class="who">
          <Face name={who} avatar={avatar} tone={tone} small />
          {who} <span class="soft">{at}</span>
        </p>
      )}
      {who === undefined && menu}
      <div class="bubble" data-fate={fate}>
        {children}
        {words !== undefined && (
          <p class="fate">
            {mark && <Icon name={mark} />}
            <span>{words}</span>
          </p>
        )}
        {buttons !== undefined && <div class="buttons">{buttons}</div>}
      </div>
      {who !== undefined && menu}
    </div>
  )
}

/** Behind dots that can be seen: no long press. `about` names the thing: "Lee's message". A thread has
 *  dozens, so what is in one is made when it is opened; a key fires the same event. */
export function Menu({ about, icon = 'dots', children }: MenuProps) {
  const [isMade, make] = useState(false)
  return (
    <details class="menu" onToggle={closeOutside}>
      <summary aria-label={about} onClick={() => make(true)}>
        <Icon name={icon} />
      </summary>
      <div class="list" onClick={closeAround}>
        {isMade && children}
      </div>
    </details>
  )
}

interface MenuProps {
  about: string
  icon?: IconName
  children: ComponentChildren
}

/** What was chosen goes out of sight: the focus must not go with it. */
function closeAround({ currentTarget: list }: { currentTarget: HTMLElement }): void {
  const menu = list.closest('details')
  menu?.removeAttribute('open')
  menu?.querySelector('summary')?.focus()
}

/** A tap elsewhere closes it, and so does Escape, which gives the focus back. */
function closeOutside({ currentTarget: menu }: { currentTarget: HTMLDetailsElement }): void {
  if (!menu.open) return
  menu.querySelector('.list')?.scrollIntoView({ block: 'nearest' })
  const close = (event: Event) => {
    const isEscape = event instanceof KeyboardEvent && event.key === 'Escape'
    if (!isEscape && (event.type === 'keydown' || menu.contains(event.target as Node))) return
    menu.open = false
    if (isEscape) menu.querySelector('summary')?.focus()
    for (const type of ['click', 'keydown']) document.removeEventListener(type, close)
  }
  for (const type of ['click', 'keydown']) document.addEventListener(type, close)
}
