// Whether a key belongs to an input method, which composes a character or has just ended with it: Safari sends the Enter that ends
// it after compositionend, and tells by its number alone.
const PROCESSED = 229;

export const isComposing = (event) => event.isComposing || event.keyCode === PROCESSED;
