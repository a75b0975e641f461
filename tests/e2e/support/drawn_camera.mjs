// A camera that shows a drawn person, for pictures of calls. The call itself is as real as any other:
// only what the lens sees is made up. `look`: {wall, shade, skin, hair, shirt, style}.
export const looks = {
  'Ada Marin': { wall: '#c9b79c', shade: '#a98f6d', skin: '#e3b391', hair: '#43302b', shirt: '#2f6f67', style: 'long', prop: 'books' },
  'Ben Okafor': { wall: '#8fa7b3', shade: '#6d8794', skin: '#7d5138', hair: '#1d1715', shirt: '#d9a441', style: 'short', prop: 'window' },
  'Cleo Lindqvist': { wall: '#b7bfa3', shade: '#929d7b', skin: '#f0cdb4', hair: '#c98b4b', shirt: '#8a4b5e', style: 'bun', prop: 'plant' },
};

export const drawnCamera = (name) => [install, looks[name]];

// Runs in the page.
function install(look) {
  const devices = navigator.mediaDevices;
  const real = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    if (!wanted.video) return real(wanted);
    const canvas = document.createElement('canvas');
    canvas.width = 960;
    canvas.height = 720;
    const pen = canvas.getContext('2d');
    const timer = setInterval(() => draw(pen, performance.now() / 1000), 66);
    draw(pen, 0);
    const stream = canvas.captureStream(15);
    const [track] = stream.getVideoTracks();
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return stream;
  };

  function draw(pen, time) {
    const wall = pen.createLinearGradient(0, 0, 960, 720);
    wall.addColorStop(0, look.wall);
    wall.addColorStop(1, look.shade);
    pen.fillStyle = wall;
    pen.fillRect(0, 0, 960, 720);
    props[look.prop](pen);
    pen.save();
    pen.translate(480 + Math.sin(time * 0.7) * 9, 20 + Math.sin(time * 1.6) * 4);
    person(pen, time);
    pen.restore();
  }

  function blob(pen, colour, ...shape) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.ellipse(...shape, 0, 0, Math.PI * 2);
    pen.fill();
  }

  function box(pen, colour, x, y, width, height, radius = 0) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.roundRect(x, y, width, height, radius);
    pen.fill();
  }

  const props = {
    books(pen) {
      const spines = ['#7a4f3a', '#3f5d62', '#b98a3d', '#5b6b48', '#8d3f3a', '#d8c9a8', '#47506e'];
      for (const [row, top] of [[0, 90], [1, 290]]) {
        box(pen, '#8a6a48', 600, top + 150, 330, 16);
        for (let at = 0; at < 9; at += 1) {
          const height = 96 + ((at * 37 + row * 53) % 46);
          box(pen, spines[(at * 3 + row) % spines.length], 612 + at * 34, top + 150 - height, 27, height, 3);
        }
      }
    },
    window(pen) {
      box(pen, '#e9eef0', 60, 60, 300, 330, 6);
      const sky = pen.createLinearGradient(0, 70, 0, 380);
      sky.addColorStop(0, '#a9cfe6');
      sky.addColorStop(1, '#f3e6cf');
      pen.fillStyle = sky;
      pen.fillRect(76, 76, 268, 298);
      box(pen, '#e9eef0', 203, 76, 14, 298);
      box(pen, '#e9eef0', 76, 214, 268, 14);
    },
    plant(pen) {
      box(pen, '#a5583c', 92, 470, 130, 140, 14);
      for (const [angle, length] of [[-0.9, 210], [-0.45, 280], [0, 310], [0.4, 270], [0.85, 200]]) {
        pen.save();
        pen.translate(157, 475);
        pen.rotate(angle);
        blob(pen, '#4f6f45', 0, -length / 2, 30, length / 2);
        pen.restore();
      }
    },
  };

  function person(pen, time) {
    if (look.style === 'long') box(pen, look.hair, -142, 160, 284, 380, 120);
    if (look.style === 'bun') blob(pen, look.hair, 0, 112, 58, 54);
    box(pen, look.shirt, -250, 500, 500, 320, 150);
    box(pen, look.skin, -46, 410, 92, 140, 40);
    blob(pen, 'rgb(0 0 0 / 10%)', 0, 438, 62, 40);
    blob(pen, look.skin, 0, 300, 112, 144);
    pen.fillStyle = look.hair;
    pen.beginPath();
    pen.ellipse(0, 248, 121, 112, 0, Math.PI, 0);
    pen.bezierCurveTo(104, 196, -30, 214, -121, 268);
    pen.fill();
    const blink = time % 4.3 < 0.14 ? 1.5 : 8;
    blob(pen, '#2a211e', -40, 306, 8, blink);
    blob(pen, '#2a211e', 40, 306, 8, blink);
    box(pen, look.hair, -58, 278, 38, 8, 4);
    box(pen, look.hair, 20, 278, 38, 8, 4);
    pen.strokeStyle = 'rgb(60 25 20 / 70%)';
    pen.lineWidth = 6;
    pen.lineCap = 'round';
    pen.beginPath();
    pen.arc(0, 352, 34, 0.25, Math.PI - 0.25);
    pen.stroke();
  }
}
