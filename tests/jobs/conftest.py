from tests.scratch import nothing, scratch

__all__ = ["nothing", "scratch"]
