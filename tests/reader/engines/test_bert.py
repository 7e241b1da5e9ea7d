import numpy as np
import torch

from corpuscope.reader.engines.bert import Bert
from tests.reader.tiny import tiny_bert


def test_layers_are_those_of_transformers(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    reader = tiny_bert()
    config = reader.model.config
    monkeypatch.setattr("corpuscope.reader.engines.bert.N_HEADS", config.num_attention_heads)  # type: ignore[union-attr]
    bert = Bert({name: one.numpy() for name, one in reader.model.state_dict().items()})
    assert (bert.n_layers, bert.width) == (reader.n_layers, reader.width)
    ids = torch.tensor([[2, 5, 6, 3], [2, 7, 3, 0]])
    mask = torch.tensor([[True] * 4, [True] * 3 + [False]])
    expected = reader.states(ids, mask, layers=range(bert.n_layers + 1))
    states = bert.first_states(ids.numpy())
    added = np.where(mask.numpy(), 0, -1e9).astype(np.float32)[:, None, None, :]
    for layer in range(bert.n_layers + 1):
        states = bert.after(layer, states, added) if layer else states
        kept = mask.numpy()
        np.testing.assert_allclose(states[kept], expected[layer].numpy()[kept], atol=1e-5)
