// What others see of a person.
import { avatar } from '../ui/avatar.js';
import { field, form } from '../ui/form.js';
import { pictureField } from '../ui/picture_field.js';
import { toast } from '../ui/toast.js';
import { card } from './card.js';

const USERNAME = /^[a-z0-9]([a-z0-9._-]{1,28})[a-z0-9]$/i;

export function profileCard({ api }, user, changed) {
  let known = user;
  const picture = pictureField({
    name: 'picture',
    label: 'Your picture',
    hint: 'A square from the middle of it, without where and when it was taken.',
    picture: user.profilePictureUrl,
    face: (shown) => avatar({ userId: user.id, name: user.fullName, picture: shown, large: true }),
  });
  const element = form({
    className: 'card-form',
    fields: [
      picture,
      field({ name: 'fullName', label: 'Your name', type: 'text', limit: 100, autocomplete: 'name', value: user.fullName }),
      field({ name: 'username', label: 'Username', optional: true, type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', hint: 'Where you may be found, you are found by it too.', value: user.username ?? '' }),
      field({ name: 'bio', label: 'About you', optional: true, multiline: true, limit: 1_000, value: user.bio ?? '' }),
      field({ name: 'institution', label: 'School or university', optional: true, type: 'text', limit: 200, autocomplete: 'organization', value: user.institution ?? '' }),
      field({ name: 'educationLevel', label: 'Education', optional: true, type: 'text', limit: 100, autocomplete: 'off', placeholder: 'Second year, mathematics', value: user.educationLevel ?? '' }),
    ],
    action: 'Save',
    check: ({ fullName, username }) => ({
      ...(!fullName.trim() && { fullName: 'Enter the name that others will see.' }),
      ...(username.trim() && !USERNAME.test(username.trim()) && { username: 'Use 3 to 30 letters, digits, dots, dashes or underscores, with a letter or digit at both ends.' }),
    }),
    submit: async (values) => {
      const wanted = Object.entries(values).map(([name, value]) => [name, value.trim() || null]);
      const changes = Object.fromEntries(wanted.filter(([name, value]) => value !== (known[name] || null)));
      known = (await picture.send(api, '/api/users/me/avatar')) ?? known;
      if (Object.keys(changes).length > 0) known = await api.put('/api/users/me', changes);
      changed(known);
      toast('Your profile is saved');
    },
  });
  return card('Profile', 'Everybody who is signed in can see this.', element);
}
