"""Which hidden groups would answer like this? Latent classes of categorical answers."""

from custlib.segmentation.latent.choice import latent_class_choice
from custlib.segmentation.latent.model import LatentClasses, latent_classes

__all__ = ["LatentClasses", "latent_class_choice", "latent_classes"]
