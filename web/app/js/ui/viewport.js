// The part of the page that a phone's keyboard leaves to be seen, as --seen-height. Most browsers make the page itself smaller
// (interactive-widget in index.html); Safari lays the keyboard over it and says so by visualViewport alone.
const ROUNDING_PX = 2;

export function followKeyboard() {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const follow = () => {
    const { height, scale } = visualViewport;
    const covered = scale === 1 && innerHeight - height > ROUNDING_PX;
    if (!covered) return document.documentElement.style.removeProperty('--seen-height');
    document.documentElement.style.setProperty('--seen-height', `${height}px`);
    // Safari has scrolled the page to show the field; the page fits again now.
    scrollTo(0, 0);
  };
  visualViewport.addEventListener('resize', follow);
  visualViewport.addEventListener('scroll', follow);
}
