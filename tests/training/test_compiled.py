"""One graph for training, whatever is switched on later; masks and devices."""

from dataclasses import replace

import pytest
import torch
from torch._dynamo.testing import CompileCounter
from torch.nn.functional import scaled_dot_product_attention

from training.config import Machine, Qat
from training.data.dataset import open_dataset
from training.model.attend import attend
from training.model.gpt import Gpt, token_losses
from training.ranks import Ranks
from training.run.clock import Clock
from training.run.device import peak_flops, use_of
from training.run.log import Log
from training.run.loop import Loop


@pytest.fixture
def counted(monkeypatch):
    """Compilation by a back end that counts graphs and runs them as they are."""
    counter = CompileCounter()
    compile_ = torch.compile
    monkeypatch.setattr(
        torch, "compile", lambda function, **options: compile_(function, backend=counter, **options)
    )
    torch._dynamo.reset()
    yield counter
    torch._dynamo.reset()


def test_training_is_one_graph_and_rounding_makes_no_other(
    tiny, shards, tmp_path, with_steps, counted
):
    preset = replace(
        with_steps(tiny, steps=8, warmup_steps=2, warmdown_steps=6, validate_every=2),
        qat=Qat(bits=6, below=0.7),
        machine=Machine(compile="on"),
    )
    dataset = open_dataset(shards, tiny.model.vocab, tiny.evaluate.sequence)
    progress = []
    clock, log = Clock(torch.device("cpu")), Log(None, print)
    loop = Loop(preset, dataset, tmp_path, 1, Ranks(), clock, log, progress.append)
    seen = []
    switch = loop.model.set_rounding
    loop.model.set_rounding = lambda on: (seen.append(on), switch(on))
    loop.run()
    assert len(progress) == 8
    assert {False, True} <= set(seen)  # the switch was thrown while it ran
    assert counted.frame_count == 1


@pytest.mark.parametrize("masked", [False, True])
def test_products_attend_as_the_kernel_does(masked):
    random = torch.Generator().manual_seed(4)
    q = torch.randn(2, 6, 20, 8, generator=random)
    k, v = torch.randn(2, 2, 2, 20, 8, generator=random)
    mask = None
    if masked:
        mask = torch.rand(2, 1, 20, 20, generator=random) < 0.5
        mask |= torch.eye(20, dtype=torch.bool)  # a query that may look nowhere has no mean
    expected = scaled_dot_product_attention(
        q, k, v, attn_mask=mask, is_causal=mask is None, enable_gqa=True
    )
    torch.testing.assert_close(attend(q, k, v, mask), expected, rtol=0, atol=1e-6)


def test_a_mask_isolates_documents(model):
    random = torch.Generator().manual_seed(2)
    first, second = torch.randint(4, 24, (2, 6), generator=random)
    packed = torch.cat((first, second))[None]
    document = torch.tensor([0] * 6 + [1] * 6)
    mask = (document[:, None] == document) & torch.ones(12, 12).tril().bool()
    with torch.no_grad():
        together = model(packed, mask=mask[None, None])
        plain = model(packed)
        alone = torch.cat((model(first[None]), model(second[None])), dim=1)
    # Rotations are relative, so a document may stand at any place.
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)
    assert not torch.allclose(together[:, 6:], plain[:, 6:], atol=1e-3)
    torch.testing.assert_close(together[:, :6], plain[:, :6], rtol=0, atol=1e-5)


def test_an_untrained_model_knows_nothing(tiny):
    torch.manual_seed(0)
    ids = torch.randint(0, 24, (2, 9))
    with torch.no_grad():
        loss = token_losses(Gpt(tiny.model)(ids[:, :-1]), ids[:, 1:]).mean()
    assert float(loss) == pytest.approx(torch.tensor(24.0).log().item(), abs=0.02)


def test_a_device_is_used_as_it_is_best_unless_told():
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert use_of(Machine(), cpu) == (False, False)
    assert use_of(Machine(), cuda) == (True, True)
    assert use_of(Machine("bf16", "on"), cpu) == (True, True)
    assert use_of(Machine("fp32", "off"), cuda) == (False, False)


def test_the_rate_of_a_cpu_is_measured():
    assert 1e8 < peak_flops(torch.device("cpu"), bf16=False) < 1e14
