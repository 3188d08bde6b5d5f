/** The numbers that hold everywhere in the United States. A programme's own come from its
 *  document. A test reads this file: there are no other numbers in the app. */
export const CRISIS = '988'
export const EMERGENCY = '911'
export const SAMHSA = '1-800-662-4357'

export function tel(number: string): string {
  return `tel:${digits(number)}`
}

export function sms(number: string): string {
  return `sms:${digits(number)}`
}

function digits(number: string): string {
  return number.replace(/[^0-9+]/g, '')
}
