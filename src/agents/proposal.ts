/** The headings that oca asks for, and what agents make of them: as Markdown headings, bold, or with a colon. */
const HEADING = /^\s{0,3}(?:#{1,6}\s+|\*\*)(?:[\w ]{0,30}\b)?(?:plan|goal|steps|files|tests|approach)\b/im;

/** The plan among the last words of a plan turn; null when they are only an answer. */
export const planIn = (text: string): string | null => (HEADING.test(text) ? text.trim() : null);
