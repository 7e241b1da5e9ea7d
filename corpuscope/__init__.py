"""Read corpora with a language model and a sparse autoencoder, then ask what is in them.

    import corpuscope as cs

    answers = cs.read_corpus("answers.jsonl", text="output")
    store = cs.extract(answers, into="answers.scope")
    found = cs.diff(store, by="model", target="new", pair="prompt_id")

Every name loads on first use: importing the package is cheap, and only training and readers other
than the built-in one ever load torch.
"""

import lazy_loader

# The names and where they are stand once, in `__init__.pyi`, for type checkers and for this.
_import, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    try:
        found = _import(name)
    except ModuleNotFoundError as error:
        from corpuscope.extras import explained

        raise explained(error, name) or error from error
    globals()[name] = found
    return found
