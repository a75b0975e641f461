// What the page says about a password that somebody chooses; what is too easy to guess the server says.
const LEAST = 8;

export const PASSWORD_HINT = 'At least 8 characters. A few words in a row are easy to remember.';

// {field: complaint}, empty where there is none.
export const complainOfPassword = (name, password) => ([...password].length < LEAST ? { [name]: `Choose a password of at least ${LEAST} characters.` } : {});
