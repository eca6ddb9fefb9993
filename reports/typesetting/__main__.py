import json
import sys
from pathlib import Path

import typst

HERE = Path(__file__).parent


def main() -> int:
    """Read a job from standard input, write its PDF to standard output.

    A job is JSON: main (a file of this folder), timestamp, inputs. The typesetter sees this
    folder and the bundled fonts only, and no network. An error goes to standard error, with the
    exit status 1 and nothing on standard output.
    """
    job = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(HERE / "fonts")],
    )
    try:
        pdf = typst.Compiler(root=str(HERE), font_paths=fonts).compile(
            input=str(HERE / Path(job["main"]).name),
            format="pdf",
            sys_inputs=job["inputs"],
            pdf_standards=["ua-1", "a-2a"],
            timestamp=job["timestamp"],
        )
    except typst.TypstError as error:
        sys.stderr.write(error.diagnostic or error.message)
        return 1
    if not isinstance(pdf, bytes):
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
