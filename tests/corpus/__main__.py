"""Write the corpus anew."""

from tests.corpus.entries import write_corpus
from tests.corpus.generator import generate
from tests.unit.signing import samples

write_corpus(generate(), samples.hierarchy()["ca.pem"])
