const NEAR_PX = 120;

/** Keeps what matters in sight (`show` brings it there) until somebody scrolls away to read, and again at the end. */
export function createFollower(scroll, show) {
  let following = true;
  let byHand = false;
  const again = () => following && show();
  const follow = (on) => {
    following = on;
    byHand = false;
    again();
  };
  const leave = ({ target }) => {
    if (target.closest("button, summary")) return;
    following = false;
    byHand = true;
  };
  const arrive = () => {
    const left = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight;
    if (byHand && left < NEAR_PX) following = true;
  };
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"])
    scroll.addEventListener(type, leave, { passive: true });
  scroll.addEventListener("scrollend", arrive);
  new ResizeObserver(again).observe(scroll);
  return { follow, again };
}
