import { blockAt, blockCell } from '../state/blocks';
import { cellOf } from '../state/cells';
import { hostAt } from '../state/gridProps';
import { visible, type HeatFrame } from './heatFrame';
import { figureFrom } from './heatLayout';
import { nameSize } from './heatNames';

/** Shapes of faults, and figures where there is room. */
export function contents(context: CanvasRenderingContext2D, frame: HeatFrame): void {
  const { cell } = frame.layout;
  const { rows: rowAxis, columns: columnAxis } = frame.view;
  const { rows, columns } = visible(frame);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `${nameSize}px ${frame.palette.fontFamily}`;
  for (let row = rows.first; row <= rows.last; row += 1) {
    for (let column = columns.first; column <= columns.last; column += 1) {
      const block = blockAt(frame.state, frame.view, { row, column });
      const view = block ? blockCell(block) : cellOf(frame.state, hostAt(rowAxis, row), hostAt(columnAxis, column));
      const [x, y] = [(column + 0.5) * cell - 0.5, (row + 0.5) * cell - 0.5];
      context.strokeStyle = context.fillStyle = frame.palette.shape;
      if (block && block.faults > 0 && cell >= figureFrom) context.fillText(`${view.word}${view.unit ?? ''}`, x, y);
      else if (view.kind === 'dead') crossShape(context, x, y, cell * 0.22);
      else if (view.kind === 'lossy') halfShape(context, x, y, cell * 0.26);
      else if (view.kind === 'nameOnly') context.fillRect(x - cell * 0.22, y - cell * 0.07, cell * 0.44, cell * 0.14);
      else if (view.kind === 'self') dot(context, x, y, frame.palette.muted);
      else if (view.kind === 'reachable' && cell >= figureFrom) {
        context.fillStyle = frame.palette.foreground;
        context.fillText(view.word, x, y);
      }
    }
  }
}

function crossShape(context: CanvasRenderingContext2D, x: number, y: number, arm: number): void {
  context.lineWidth = Math.max(1.25, arm * 0.42);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.stroke();
}

function halfShape(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, Math.PI / 2, Math.PI * 1.5);
  context.fill();
}

function dot(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.fillStyle = color;
  context.fillRect(x - 1, y - 1, 2, 2);
}
