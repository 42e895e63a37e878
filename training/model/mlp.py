"""The feed-forward half of a block."""

from torch import Tensor, nn
from torch.nn.functional import relu

from training.config import Model
from training.model.linear import Linear


class SquaredReluMlp(nn.Module):
    """relu(x U^T)^2 D^T."""

    def __init__(self, model: Model, bits: int) -> None:
        super().__init__()
        self.up = Linear(model.width, model.hidden, bits=bits)
        self.down = Linear(model.hidden, model.width, zero=True, bits=bits)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, d)."""
        return self.down(relu(self.up(x)).square())
