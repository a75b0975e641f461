// What looks like an address for mails; whether it is one the server knows.
const EMAIL = /^\S+@\S+\.\S+$/;

// {field: complaint}, empty where there is none.
export const complainOfEmail = (name, email) => (EMAIL.test(email.trim()) ? {} : { [name]: 'Enter your e-mail, like name@example.org.' });
