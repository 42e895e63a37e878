"""`pgolf data`: make, fetch or prove a folder of shards."""

from pathlib import Path
from typing import Annotated

import typer


def data(
    out: Annotated[
        Path | None, typer.Argument(help="The folder to make. Default: where `train` looks.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="Documents, one JSON object with a text a line.")
    ] = None,
    tokenizer: Annotated[
        Path | None, typer.Option(help="SentencePiece model. Default: one is trained.")
    ] = None,
    vocab: Annotated[int, typer.Option(help="Pieces of a tokenizer that is trained.")] = 1024,
    capitals: Annotated[
        bool, typer.Option(help="Fold capitals reversibly; original bytes are kept beside.")
    ] = False,
    validation: Annotated[
        int, typer.Option(help="Documents of the validation split, the first ones.")
    ] = 50_000,
    variant: Annotated[
        str, typer.Option(help="Download this published variant, for example sp1024.")
    ] = "",
    shards: Annotated[int, typer.Option(min=1, help="Training shards to download.")] = 80,
    prove: Annotated[bool, typer.Option(help="Only prove the byte counts of the folder.")] = False,
) -> None:
    """Make the embedded corpus, export shards from text, download a published variant, or prove."""
    from pgolf_check.commands.workbench import library
    from pgolf_check.errors import PgolfError

    with library():
        from training.data.corpus import embedded_folder, make_embedded
        from training.data.export import export, read_documents
        from training.tokens.proof import prove as proof

        folder = out or embedded_folder()
        if prove:
            typer.echo(proof(folder))
        elif variant:
            from pgolf_check.commands.download import download

            if out is None:
                raise PgolfError("no folder named", cure="Say where to put the shards.")
            download(variant, shards, out, lambda line: typer.echo(line, err=True))
        elif text is not None:
            if out is None:
                raise PgolfError("no folder named", cure="Say where to write the shards.")
            export(
                read_documents(text),
                folder,
                validation_documents=validation,
                vocab=vocab,
                tokenizer=tokenizer,
                capitals=capitals,
                say=lambda line: typer.echo(line, err=True),
            )
        else:
            make_embedded(folder, lambda line: typer.echo(line, err=True))
        typer.echo(folder)
