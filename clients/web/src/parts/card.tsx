import type { ComponentChildren } from 'preact'

interface CardProps {
  /** One matter a card. `featured` at most once a page, `flush` for rows. */
  kind?: 'featured' | 'flush' | undefined
  /** More classes that lay out the inside: `stack tight`, `offer`, `next`. */
  layout?: string | undefined
  /** The id of the heading inside. */
  labelledby?: string | undefined
  children: ComponentChildren
}

export function Card({ kind, layout, labelledby, children }: CardProps) {
  return (
    <section class={['card', kind, layout].filter(Boolean).join(' ')} aria-labelledby={labelledby}>
      {children}
    </section>
  )
}
